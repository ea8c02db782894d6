using System.Reflection;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>A file that was not sealed, and why.</summary>
/// <param name="Location">Where it is; hostile.</param>
/// <param name="Why">Why it was not.</param>
public sealed record UnsealedFile(string Location, string Why);

/// <summary>Collects what a scan found clean, and makes a seal of it: of the files of a running system, or of an image that was never started.</summary>
/// <remarks>
/// <para>Only what an engine scanned to its end and found clean is sealed, with all its named streams, and only if it did not change meanwhile. What an earlier seal let be skipped is
/// carried over, with the definitions that it was scanned with then.</para>
/// <para>The session calls from one thread at a time; <see cref="Write"/> is for afterwards.</para>
/// </remarks>
public sealed class SealBuilder : ISealSink
{
    /// <summary>The most unsealed files that are kept by name; all are counted.</summary>
    public const int MaxUnsealedNamed = 10_000;

    private readonly string _root;
    private readonly IReadOnlyList<Seal> _earlier;
    private readonly Dictionary<(int Volume, UInt128 FileId), SealRecord> _records = [];
    private readonly HashSet<(int Volume, UInt128 FileId)> _refused = [];
    private readonly Dictionary<(int Volume, UInt128 FileId), int> _numbers = [];
    private readonly HashSet<int> _taken = [];
    private readonly List<(string Name, ulong Journal)> _volumes = [];
    private readonly List<VerdictScope> _scopes = [];
    private readonly List<UnsealedFile> _unsealed = [];
    private VerdictScope? _scope;

    /// <summary>Initializes a new instance of the <see cref="SealBuilder"/> class.</summary>
    /// <param name="root">The folder, volume or image that is sealed, as the scan's locations begin.</param>
    /// <param name="earlier">Seals of the same image whose files may have been skipped, the latest first. They must stay open.</param>
    public SealBuilder(string root, IReadOnlyList<Seal>? earlier = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = root;
        _earlier = earlier ?? [];
    }

    /// <summary>Gets the number of files that are to be sealed.</summary>
    public int Count => _records.Count;

    /// <summary>Gets how many of them were carried over from an earlier seal.</summary>
    public int CarriedOver { get; private set; }

    /// <summary>Gets the number of files that were not clean, not scanned to their end, or changed meanwhile.</summary>
    public long UnsealedCount { get; private set; }

    /// <summary>Gets those files, as far as they are kept by name.</summary>
    public IReadOnlyList<UnsealedFile> Unsealed => _unsealed;

    internal IEnumerable<SealRecord> Records => _records.Values;

    /// <inheritdoc/>
    public void Start(ScanRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _scope = run.Scope;
    }

    /// <inheritdoc/>
    public void Add(ScanResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if ((result.Identity ?? result.OwnerIdentity) is not { } identity)
        {
            return;
        }

        (int, UInt128) file = (VolumeOf(identity), identity.FileId);
        if (result.Identity is null)
        {
            // A stream that is not clean keeps its file out, in whichever order they come; one that was skipped went by its file.
            if (result.Disposition != Disposition.Skipped && result.Verdict?.Kind != VerdictKind.Clean)
            {
                Refuse(file, result.Location, WhyNot(result));
            }

            return;
        }

        if (result is { Disposition: Disposition.Skipped, By: ImageExemption.ExemptionName } && FindEarlier(identity) is { } entry)
        {
            CarryOver(file, identity, result.Location, entry);
        }
        else if (result is { Disposition: Disposition.Scanned, Verdict.Kind: VerdictKind.Clean, Hash: { } hash })
        {
            SealRecord record = new()
            {
                Identity = identity,
                Hash = hash,
                Path = Below(result.Location),
                Volume = file.Item1,
                Scope = ScopeOf(_scope! with { Definitions = result.Definitions ?? _scope!.Definitions }),
            };
            if (TryAdd(file, record))
            {
                KeepEarlierNumber(file, identity);
            }
        }
        else
        {
            Refuse(file, result.Location, WhyNot(result));
        }
    }

    /// <inheritdoc/>
    public void Add(ScanProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Name(problem.Location, problem.Message);
    }

    /// <inheritdoc/>
    public void Finish(ScanSummary summary)
    {
    }

    /// <summary>Writes and signs the seal: of an image that bears no marks.</summary>
    /// <param name="path">Where it belongs. It takes the place of the seal that is there once it is on the disk.</param>
    /// <param name="key">What signs it.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path, SealKey key, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        bool isScanSkipped = _scope?.Engine == HashingEngine.EngineName;
        AssignNumbers();
        WriteAs(path, key, isScanSkipped ? SealFlags.ScanSkipped : SealFlags.None, NewLineage(), (time ?? TimeProvider.System).GetUtcNow());
    }

    /// <summary>Tells which image and which number the next seal has: the earlier ones' image, and a number after the latest that is finished.</summary>
    internal (Guid ImageId, long Number) NewLineage()
        => _earlier.Count == 0
            ? (Guid.NewGuid(), 1)
            : (_earlier[0].ImageId, _earlier.Max(static seal => seal.IsUnfinished ? seal.Number : seal.Number + 1));

    internal SealRecord? Find(FileIdentity identity) => _records.GetValueOrDefault((VolumeOf(identity), identity.FileId));

    /// <summary>Withdraws a file that was sealed in vain; its number stays its own.</summary>
    internal void Withdraw(SealRecord record, string why)
    {
        record.IsVoid = true;
        Name(Path.Combine(_root, record.Path), why);
    }

    /// <summary>Gets the number that a file has kept since <see cref="AssignNumbers"/>.</summary>
    internal int NumberOf(SealRecord record) => _numbers[(record.Volume, record.Identity.FileId)];

    /// <summary>Gives every file a number that it keeps: those that may bear a mark of an earlier run have theirs already. Once everything was met.</summary>
    internal void AssignNumbers()
    {
        int next = 0;
        foreach ((int, UInt128) file in _records.Keys.Where(file => !_numbers.ContainsKey(file)))
        {
            while (!_taken.Add(next))
            {
                next++;
            }

            _numbers[file] = next;
        }
    }

    /// <summary>Writes what stands so far.</summary>
    /// <param name="path">Where it belongs.</param>
    /// <param name="key">What signs it.</param>
    /// <param name="flags">What kind of seal it is.</param>
    /// <param name="lineage">Which image and which number it has.</param>
    /// <param name="now">When it is written.</param>
    /// <param name="isListing">Whether files are still to come: what the unfinished run before this one knew of them is kept until then, or a second interruption would lose it.</param>
    internal void WriteAs(string path, SealKey key, SealFlags flags, (Guid ImageId, long Number) lineage, DateTimeOffset now, bool isListing = false)
    {
        SealRecord[] ordered = InOrder(isListing ? NotMetYet() : []);
        SealFacts facts = new()
        {
            Root = _root,
            Host = Environment.MachineName,
            Tool = $"Symantec.Virtualization.ImageException {typeof(SealBuilder).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}",
            Volumes = [.. _volumes.Select(static volume => new SealVolume(volume.Name, volume.Journal))],
            Scopes = [.. _scopes],
        };
        SealHeader header = new()
        {
            Flags = flags,
            SealId = Guid.NewGuid(),
            ImageId = lineage.ImageId,
            Number = lineage.Number,
            SealedAt = now,
            EntryCount = 0,
            SlotCount = 0,
            PathsLength = 0,
            FactsLength = 0,
        };
        SealWriter.Write(path, header, ordered, facts, key);
    }

    /// <summary>Puts the entries in the order of their numbers; a number that nobody has is an entry that is void.</summary>
    /// <remarks>A file that has no number yet stands behind all that have one, or had one in an earlier seal: somebody's mark may bear that.</remarks>
    private SealRecord[] InOrder(IReadOnlyList<(int Number, SealRecord Record)> notMetYet)
    {
        List<SealRecord> unnumbered = [];
        Dictionary<int, SealRecord> numbered = [];
        foreach (((int, UInt128) file, SealRecord record) in _records)
        {
            if (_numbers.TryGetValue(file, out int number))
            {
                numbered.Add(number, record);
            }
            else
            {
                unnumbered.Add(record);
            }
        }

        foreach ((int number, SealRecord record) in notMetYet)
        {
            if (!numbered.TryAdd(number, record))
            {
                unnumbered.Add(record);
            }
        }

        int known = numbered.Count == 0 ? 0 : numbered.Keys.Max() + 1;
        int end = unnumbered.Count == 0 ? known : Math.Max(known, _earlier.Select(static seal => seal.Count).DefaultIfEmpty().Max());
        SealRecord[] ordered = new SealRecord[end + unnumbered.Count];
        foreach ((int number, SealRecord record) in numbered)
        {
            ordered[number] = record;
        }

        unnumbered.CopyTo(ordered, end);
        for (int i = 0; i < ordered.Length; i++)
        {
            ordered[i] ??= new SealRecord
            {
                Identity = new FileIdentity { Volume = "", FileId = UInt128.MaxValue - (uint)i, Size = 0 },
                Hash = default,
                Path = "",
                Volume = 0,
                Scope = 0,
                IsVoid = true,
            };
        }

        return ordered;
    }

    private List<(int Number, SealRecord Record)> NotMetYet()
    {
        List<(int, SealRecord)> left = [];
        foreach (SealEntry entry in _earlier.Where(static seal => seal.IsUnfinished).SelectMany(static seal => seal.Entries()))
        {
            FileIdentity identity = entry.Identity;
            (int Volume, UInt128 FileId) file = (VolumeOf(identity), identity.FileId);
            if (!_records.ContainsKey(file) && !_refused.Contains(file))
            {
                left.Add((entry.Number, new SealRecord
                {
                    Identity = identity,
                    Hash = entry.Hash,
                    Path = entry.Path,
                    Volume = file.Volume,
                    Scope = ScopeOf(entry.Scope ?? _scope!),
                    IsMarked = entry.IsMarked,
                }));
            }
        }

        return left;
    }

    private SealEntry? FindEarlier(FileIdentity identity)
    {
        foreach (Seal seal in _earlier)
        {
            if (seal.TryFind(identity, out SealEntry entry) && !entry.IsVoid && entry.Size == identity.Size && entry.HasTimesOf(identity))
            {
                return entry;
            }
        }

        return null;
    }

    private void CarryOver((int Volume, UInt128 FileId) file, FileIdentity identity, string location, SealEntry entry)
    {
        SealRecord record = new()
        {
            Identity = identity,
            Hash = entry.Hash,
            Path = Below(location),
            Volume = file.Volume,
            Scope = ScopeOf(entry.Scope ?? _scope!),
        };
        if (TryAdd(file, record))
        {
            CarriedOver++;

            // A mark whose number is another's by now is written anew.
            record.IsMarked = entry.IsMarked && TryKeepNumber(file, entry);
        }
    }

    private bool TryAdd((int Volume, UInt128 FileId) file, SealRecord record)
    {
        // A file with several names is met once for each.
        return !_refused.Contains(file) && _records.TryAdd(file, record);
    }

    /// <summary>Gives a file the number that it had: a run that was interrupted may have marked it with that, and then its identity moved.</summary>
    private void KeepEarlierNumber((int Volume, UInt128 FileId) file, FileIdentity identity)
    {
        foreach (Seal seal in _earlier)
        {
            if (seal.TryFind(identity, out SealEntry entry) && !entry.IsVoid)
            {
                TryKeepNumber(file, entry);
                return;
            }
        }
    }

    private bool TryKeepNumber((int Volume, UInt128 FileId) file, SealEntry entry)
    {
        bool isFree = _taken.Add(entry.Number);
        if (isFree)
        {
            _numbers[file] = entry.Number;
        }

        return isFree;
    }

    private void Refuse((int Volume, UInt128 FileId) file, string location, string why)
    {
        _refused.Add(file);
        _records.Remove(file);
        if (_numbers.Remove(file, out int number))
        {
            _taken.Remove(number);
        }

        Name(location, why);
    }

    private void Name(string location, string why)
    {
        UnsealedCount++;
        if (_unsealed.Count < MaxUnsealedNamed)
        {
            _unsealed.Add(new UnsealedFile(location, why));
        }
    }

    private static string WhyNot(ScanResult result) => result switch
    {
        { Disposition: Disposition.Skipped } => $"it was skipped by {result.By}, not scanned",
        { Verdict.Kind: VerdictKind.Clean } => "it changed while it was scanned",
        { Verdict: { } verdict } => verdict.ToString(),
        _ => "it was not scanned",
    };

    private string Below(string location)
    {
        string path = location.StartsWith(_root, StringComparison.Ordinal) ? location[_root.Length..] : location;
        path = path.StartsWith("!/", StringComparison.Ordinal) ? path[2..] : path;
        return path.TrimStart('/', Path.DirectorySeparatorChar).Replace(Path.DirectorySeparatorChar, '/');
    }

    private int VolumeOf(FileIdentity identity)
    {
        int index = _volumes.FindIndex(volume => volume.Name == identity.Volume && volume.Journal == identity.JournalId);
        if (index < 0)
        {
            index = _volumes.Count < SealLayout.MaxVolumes
                ? _volumes.Count
                : throw new IOException($"A seal is of at most {SealLayout.MaxVolumes} volumes.");
            _volumes.Add((identity.Volume, identity.JournalId));
        }

        return index;
    }

    private int ScopeOf(VerdictScope scope)
    {
        int index = _scopes.IndexOf(scope);
        if (index < 0)
        {
            index = _scopes.Count < SealLayout.MaxScopes
                ? _scopes.Count
                : throw new IOException($"A seal names at most {SealLayout.MaxScopes:N0} sets of definitions: scan the image anew.");
            _scopes.Add(scope);
        }

        return index;
    }
}
