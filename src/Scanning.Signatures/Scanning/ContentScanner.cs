using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Scans one content and all that is in it. Not safe for concurrent use.</summary>
/// <remarks>
/// One pass over the bytes computes the hashes that some signature of that size is for and finds the signatures whose anchors stand in them; only those are then
/// evaluated.
/// </remarks>
/// <param name="tables">The definitions.</param>
/// <param name="budget">What may be taken from archives for the whole scan.</param>
/// <param name="findings">Takes what is found.</param>
/// <param name="cancellationToken">Ends the scan.</param>
internal sealed class ContentScanner(DefinitionTables tables, ArchiveBudget budget, Findings findings, CancellationToken cancellationToken)
{
    private readonly Findings _findings = findings;

    private static readonly HashAlgorithmKind[] Algorithms = [HashAlgorithmKind.Md5, HashAlgorithmKind.Sha1, HashAlgorithmKind.Sha256];

    /// <summary>Scans a content.</summary>
    /// <param name="scanned">The content.</param>
    /// <param name="known">Its hash, if it was computed already.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Scan(ScannedContent scanned, ContentHash? known)
    {
        scanned.Identify();
        ArchiveMarks? marks = ScanRaw(scanned, known);
        ScanNormalised(scanned);
        if (!_findings.IsDecided)
        {
            ProgramHashes.Scan(scanned, tables, name => Report(name, scanned), cancellationToken);
        }

        if (!_findings.IsDecided)
        {
            Archives.Open(scanned.Content, scanned.Type, marks, budget, new Members(this, scanned), cancellationToken);
        }

        // Behind the definitions, which may have a name of their own for it.
        if (!_findings.IsDecided && _findings.Threats.Count == 0 && EicarTestFile.Matches(scanned.Content))
        {
            _findings.AddThreat(EicarTestFile.ThreatName);
        }
    }

    /// <returns>Where archives may begin in it, if its type can hide some.</returns>
    private ArchiveMarks? ScanRaw(ScannedContent scanned, ContentHash? known)
    {
        ScanContent content = scanned.Content;
        if (known is { } sha256 && tables.Files.CanMatch(HashAlgorithmKind.Sha256, content.Length))
        {
            Span<byte> digest = stackalloc byte[ContentHash.Size];
            sha256.CopyTo(digest);
            Report(tables.Files.Find(HashAlgorithmKind.Sha256, digest, content.Length), scanned);
        }

        if (_findings.IsDecided)
        {
            return null;
        }

        HashAlgorithmKind[] wanted = Array.FindAll(
            Algorithms, algorithm => tables.Files.CanMatch(algorithm, content.Length) && !(known is not null && algorithm == HashAlgorithmKind.Sha256));
        try
        {
            return ReadRaw(scanned, wanted);
        }
        catch (ScanLimitException e) when (wanted.Length > 0)
        {
            // Hashing hands on no more than so many holes. What is stored is looked through all the same: a bound must not hide a threat.
            _findings.AddIncomplete(e.Message);
            return ReadRaw(scanned, []);
        }
    }

    private ArchiveMarks? ReadRaw(ScannedContent scanned, HashAlgorithmKind[] wanted)
    {
        ScanContent content = scanned.Content;
        ContentFacts facts = new(content.Length, scanned.Layout, scanned.ContainerTypes);
        CandidateFinder finder = new(tables.Image, RawTargetOf(scanned.Type), facts, isLengthKnown: true);
        ArchiveMarks? marks = Archives.MarksIn(scanned.Type);
        RawView view = new(content);
        using ContentDigests digests = new(wanted);
        using WindowFeeder? feeder = finder.IsIdle ? null : new(content.Length, tables.Image.Reach, finder);
        view.Run(
            (offset, bytes) =>
            {
                digests.Append(bytes);
                marks?.Append(offset, bytes);
                feeder?.Append(offset, bytes);
            },
            wanted.Length == 0 ? HoleHandling.Skip : HoleHandling.HandOnZeros,
            cancellationToken);
        Report(digests.Find(tables.Files, content.Length), scanned);
        if (feeder is not null)
        {
            feeder.Complete(content.Length);
            Evaluate(finder, view, facts, feeder, scanned);
        }

        return marks;
    }

    private void ScanNormalised(ScannedContent scanned)
    {
        foreach ((ContentTarget target, NormalisedView view) in NormalisedViews.Of(scanned.Content, scanned.Type))
        {
            ContentFacts facts = new(scanned.Content.Length, scanned.Layout, scanned.ContainerTypes);
            CandidateFinder finder = new(tables.Image, target, facts, isLengthKnown: false);
            if (_findings.IsDecided || finder.IsIdle)
            {
                continue;
            }

            using WindowFeeder feeder = new(length: null, tables.Image.Reach, finder);
            feeder.Complete(view.Run(feeder.Append, HoleHandling.Skip, cancellationToken));
            Evaluate(finder, view, facts, feeder, scanned);
            if (view.Cut is { } why)
            {
                _findings.AddIncomplete(why);
            }
        }
    }

    /// <summary>Signatures for texts look at what normalisation makes of them, those for any content at the bytes themselves.</summary>
    private static ContentTarget RawTargetOf(FileType type) => type.Target is ContentTarget.Text or ContentTarget.Html ? ContentTarget.Any : type.Target;

    private void Evaluate(CandidateFinder finder, IByteView view, ContentFacts facts, WindowFeeder feeder, ScannedContent scanned)
    {
        int[] candidates = finder.Candidates();
        if (candidates.Length == 0 || _findings.IsDecided)
        {
            return;
        }

        CandidateEvaluator evaluator = new(tables.Image, view, facts with { Length = feeder.Length }, cancellationToken);
        try
        {
            foreach (int signature in evaluator.Evaluate(candidates, feeder.IsWhole ? feeder.Whole : [], feeder.IsWhole))
            {
                Report(tables.Image.NameOf(signature), scanned);
            }
        }
        catch (ScanLimitException e)
        {
            // Archives in it are opened all the same.
            _findings.AddIncomplete(e.Message);
        }

        if (evaluator.Undecided is { } why)
        {
            _findings.AddIncomplete(why);
        }
    }

    private void Report(string? name, ScannedContent scanned)
    {
        if (name is not null && !scanned.IsAllowed(tables.Allowed, cancellationToken))
        {
            _findings.AddThreat(name);
        }
    }

    /// <summary>Scans the members of a container.</summary>
    private sealed class Members(ContentScanner scanner, ScannedContent container) : IMemberVisitor
    {
        public bool Visit(FileType type, MemberInfo member, ScanContent content)
        {
            if (content.Length > 0)
            {
                scanner.Scan(new ScannedContent(content, container), known: null);
            }

            return !scanner._findings.IsDecided;
        }

        public void Incomplete(string why) => scanner._findings.AddIncomplete(why);
    }
}
