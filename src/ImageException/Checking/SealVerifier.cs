using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.ImageException;

/// <summary>Reads every file of a sealed image and compares it with the seal: finds also what was changed outside the running system.</summary>
public sealed class SealVerifier
{
    private readonly Seal _seal;
    private readonly LiveFileSource _source;
    private readonly Action<SealFinding> _onFinding;
    private readonly Dictionary<SealFindingKind, long> _counts = Enum.GetValues<SealFindingKind>().ToDictionary(static kind => kind, static _ => 0L);
    private readonly HashSet<int> _met = [];
    private readonly string[] _leftOut;

    /// <summary>Initializes a new instance of the <see cref="SealVerifier"/> class.</summary>
    /// <param name="seal">The seal.</param>
    /// <param name="root">The volume or folder that was sealed, or one in it.</param>
    /// <param name="onFinding">Is told of each file; from one thread at a time.</param>
    /// <param name="excluded">The files and folders that are left out, besides the seal itself.</param>
    public SealVerifier(Seal seal, string root, Action<SealFinding> onFinding, IEnumerable<string>? excluded = null)
    {
        ArgumentNullException.ThrowIfNull(seal);
        ArgumentNullException.ThrowIfNull(onFinding);
        (_seal, _onFinding) = (seal, onFinding);
        LiveFileOptions files = new();
        string[] leftOut = [.. SealPlace.FilesOf(seal.Path), .. excluded ?? []];
        foreach (string path in leftOut)
        {
            files.Excluded.Add(path);
        }

        _leftOut = [.. leftOut.Select(path => Path.GetRelativePath(root, Path.GetFullPath(path)).Replace(Path.DirectorySeparatorChar, '/'))];

        _source = new LiveFileSource(root, files);
    }

    /// <summary>Gets or sets how many files are read at once.</summary>
    /// <value>The default value is the number of processors.</value>
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>Gets or sets what is told how far the work has come.</summary>
    public IProgress<SealProgress>? Progress { get; set; }

    /// <summary>Verifies. Once.</summary>
    /// <param name="isWhole">Whether everything that was sealed is looked at, so that what is not met is missing.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What it came to.</returns>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public async Task<SealVerification> VerifyAsync(bool isWhole = true, CancellationToken cancellationToken = default)
    {
        ScanSessionOptions session = new()
        {
            MaxConcurrency = MaxConcurrency,
            SealSinks = { new Comparison(this) },
            Progress = Progress is { } progress ? new ScanAsPhase(SealPhase.Verifying, progress) : null,
        };
        await new ScanSession(new HashingEngine(), session).RunAsync(_source, cancellationToken).ConfigureAwait(false);
        await Task.Run(() => CheckMarks(cancellationToken), CancellationToken.None).ConfigureAwait(false);
        if (isWhole)
        {
            foreach (SealEntry entry in _seal.Entries().Where(entry => !_met.Contains(entry.Number) && !IsLeftOut(entry.Path)))
            {
                Find(new SealFinding(SealFindingKind.Missing, entry.Path));
            }
        }

        return new SealVerification(_counts);
    }

    private bool IsLeftOut(string path)
        => Array.Exists(_leftOut, left => path.StartsWith(left, StringComparison.Ordinal) && (path.Length == left.Length || path[left.Length] == '/'));

    private void Compare(ScanResult result)
    {
        if (result.Identity is not { } identity)
        {
            return;
        }

        if (!_seal.TryFind(identity, out SealEntry entry) || entry.IsVoid)
        {
            Find(new SealFinding(SealFindingKind.NotSealed, result.Location));
            return;
        }

        _met.Add(entry.Number);
        if (result.Hash is not { } hash)
        {
            Find(new SealFinding(SealFindingKind.Unreadable, result.Location, result.Verdict?.ToString() ?? ""));
            return;
        }

        bool identityStands = entry.Size == identity.Size && entry.HasTimesOf(identity);
        Find(new SealFinding(
            (hash == entry.Hash, identityStands) switch
            {
                (true, true) => SealFindingKind.Unchanged,
                (true, false) => SealFindingKind.Touched,
                (false, true) => SealFindingKind.ChangedUnseen,
                (false, false) => SealFindingKind.Changed,
            },
            result.Location));
    }

    /// <summary>Looks at the marks; that of a file that changed is nobody's concern.</summary>
    private void CheckMarks(CancellationToken cancellationToken)
    {
        foreach (LiveFile file in _source.EnumerateFiles(static _ => { }, cancellationToken))
        {
            using (file)
            {
                CheckMark(file);
            }
        }
    }

    private void CheckMark(LiveFile file)
    {
        try
        {
            FileIdentity identity = file.Identity!;
            bool isSealed = _seal.TryFind(identity, out SealEntry entry) && !entry.IsVoid;
            Mark? mark = Mark.Of(file);
            if (mark is { } found)
            {
                string? wrong = found.ImageId != _seal.ImageId ? $"of image {found.ImageId}"
                    : found.SealNumber > _seal.Number ? $"of seal {found.SealNumber}, which is newer than this one"
                    : !isSealed || found.Entry != entry.Number ? $"of entry {found.Entry}, which is another file"
                    : null;
                if (wrong is not null)
                {
                    Find(new SealFinding(SealFindingKind.MarkForeign, file.Location, wrong));
                }
            }
            else if (isSealed && entry.IsMarked && entry.HasTimesOf(identity))
            {
                Find(new SealFinding(SealFindingKind.MarkMissing, file.Location));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was told of already when it could not be read.
        }
    }

    private void Find(SealFinding finding)
    {
        _counts[finding.Kind]++;
        _onFinding(finding);
    }

    /// <summary>Takes the hashes as they come.</summary>
    private sealed class Comparison(SealVerifier verifier) : ISealSink
    {
        public void Start(ScanRun run)
        {
        }

        public void Add(ScanResult result) => verifier.Compare(result);

        public void Add(ScanProblem problem) => verifier.Find(new SealFinding(SealFindingKind.Unreadable, problem.Location, problem.Message));

        public void Finish(ScanSummary summary)
        {
        }
    }
}
