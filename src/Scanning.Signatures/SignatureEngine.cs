using System.Globalization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The built-in engine: managed code, no native library, nothing to install.</summary>
/// <remarks>
/// A content is read through once: its bytes are hashed if some signature is for files of its size, and looked through for bodies. Then what it contains is
/// opened, within limits, and scanned likewise. Clean means that every byte was there to be read and no limit was reached. Safe for concurrent use; newer
/// definitions may be handed over at any time.
/// </remarks>
public sealed class SignatureEngine : IScanEngine
{
    /// <summary>The engine's name.</summary>
    public const string EngineName = "built-in";

    /// <summary>Raised whenever the engine sees more than before with the same definitions, so that verdicts of an older one are not relied on.</summary>
    private const int Revision = 1;

    private readonly ArchiveLimits _archives;
    private readonly TimeProvider _time;
    private SignatureDatabase _database;

    /// <summary>Makes an engine.</summary>
    /// <param name="database">The definitions.</param>
    /// <param name="options">How it scans; the defaults if <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock by which limits of time count.</param>
    public SignatureEngine(SignatureDatabase database, SignatureEngineOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        _database = database;
        _archives = options?.Archives ?? ArchiveLimits.Default;
        _time = timeProvider ?? TimeProvider.System;
        Profile = ProfileOf(_archives);
    }

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public DefinitionSet Definitions => Volatile.Read(ref _database).Definitions;

    /// <inheritdoc/>
    public ScanProfile Profile { get; }

    /// <summary>Scans with other definitions from now on. Scans that are under way end with those that they began with.</summary>
    /// <param name="database">The definitions.</param>
    public void Use(SignatureDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        Volatile.Write(ref _database, database);
    }

    /// <inheritdoc/>
    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        SignatureDatabase database = Volatile.Read(ref _database);
        Findings findings = new(isExhaustive: false);
        try
        {
            Scan(database, content, hash, findings, cancellationToken);
        }
        catch (ScanLimitException e)
        {
            findings.AddIncomplete(e.Message);
        }

        return new EngineVerdict(VerdictOf(findings), database.Definitions);
    }

    /// <summary>Finds all threats in a content, where a scan ends at the first.</summary>
    /// <exception cref="IOException">The content could not be read.</exception>
    internal IReadOnlyList<string> FindAll(ScanContent content, CancellationToken cancellationToken)
    {
        Findings findings = new(isExhaustive: true);
        Scan(Volatile.Read(ref _database), content, null, findings, cancellationToken);
        return findings.Threats;
    }

    private void Scan(SignatureDatabase database, ScanContent content, ContentHash? hash, Findings findings, CancellationToken cancellationToken)
    {
        // An empty file holds nothing to find, also where a signature is for the hash of nothing: ClamAV scans none either.
        if (content.Length > 0)
        {
            new ContentScanner(database.Tables, new ArchiveBudget(_archives, _time), findings, cancellationToken).Scan(new ScannedContent(content, null), hash);
        }
    }

    private static Verdict VerdictOf(Findings findings) => findings.Threats.Count > 0
        ? Verdict.Infected(findings.Threats[0])
        : findings.Incomplete is { } why ? Verdict.Incomplete(why) : Verdict.Clean;

    private static ScanProfile ProfileOf(ArchiveLimits limits)
    {
        return ScanProfile.Of(
        [
            Of(nameof(Revision), Revision),
            Of(nameof(limits.MaxDepth), limits.MaxDepth),
            Of(nameof(limits.MaxMembers), limits.MaxMembers),
            Of(nameof(limits.MaxMemberLength), limits.MaxMemberLength),
            Of(nameof(limits.MaxTotalLength), limits.MaxTotalLength),
            Of(nameof(limits.MaxRatio), limits.MaxRatio),
            Of(nameof(limits.MaxDictionary), limits.MaxDictionary),
            Of(nameof(limits.MaxTime), limits.MaxTime.Ticks),
        ]);

        static KeyValuePair<string, string> Of(string name, long value) => new(name, value.ToString(CultureInfo.InvariantCulture));
    }
}
