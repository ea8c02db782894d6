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
        ArchiveMarks? marks = Archives.MarksIn(scanned.Type);
        ScanRaw(scanned, known, marks);
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

    private void ScanRaw(ScannedContent scanned, ContentHash? known, ArchiveMarks? marks)
    {
        ScanContent content = scanned.Content;
        if (known is { } sha256 && tables.Files.CanMatch(HashAlgorithmKind.Sha256, content.Length))
        {
            Span<byte> digest = stackalloc byte[ContentHash.Size];
            sha256.CopyTo(digest);
            Report(tables.Files.Find(HashAlgorithmKind.Sha256, digest, content.Length), scanned);
        }

        HashAlgorithmKind[] wanted = Array.FindAll(
            Algorithms, algorithm => tables.Files.CanMatch(algorithm, content.Length) && !(known is not null && algorithm == HashAlgorithmKind.Sha256));
        ContentFacts facts = new(content.Length, scanned.Layout, scanned.ContainerTypes);
        CandidateFinder finder = new(tables.Image, RawTargetOf(scanned.Type), facts, isLengthKnown: true);
        if (_findings.IsDecided || (known is not null && wanted.Length == 0 && finder.IsIdle && marks is null))
        {
            // Whoever computed the hash has read every byte, and nothing else is looked for in them.
            return;
        }

        using ContentDigests digests = new(wanted);
        HoleHandling holes = wanted.Length == 0 ? HoleHandling.Skip : HoleHandling.HandOnZeros;
        RawView view = new(content);
        if (finder.IsIdle)
        {
            view.Run(
                (offset, bytes) =>
                {
                    digests.Append(bytes);
                    marks?.Append(offset, bytes);
                },
                holes,
                cancellationToken);
            Report(digests.Find(tables.Files, content.Length), scanned);
            return;
        }

        using WindowFeeder feeder = new(content.Length, tables.Image.Reach, finder);
        feeder.Complete(view.Run(
            (offset, bytes) =>
            {
                digests.Append(bytes);
                marks?.Append(offset, bytes);
                feeder.Append(offset, bytes);
            },
            holes,
            cancellationToken));
        Report(digests.Find(tables.Files, content.Length), scanned);
        Evaluate(finder, view, facts, feeder, scanned);
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
        foreach (int signature in evaluator.Evaluate(candidates, feeder.IsWhole ? feeder.Whole : [], feeder.IsWhole))
        {
            Report(tables.Image.NameOf(signature), scanned);
            if (_findings.IsDecided)
            {
                return;
            }
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
