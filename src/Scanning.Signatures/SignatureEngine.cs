using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The built-in engine: managed code, no native library, nothing to install.</summary>
/// <remarks>
/// A content is hashed only if some signature is for files of its size. All others are read through once, holes left out, because clean means that every
/// byte was there to be read. Safe for concurrent use.
/// </remarks>
/// <param name="database">The definitions.</param>
public sealed class SignatureEngine(SignatureDatabase database) : IScanEngine
{
    /// <summary>The engine's name.</summary>
    public const string EngineName = "built-in";

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public DefinitionSet Definitions => database.Definitions;

    /// <inheritdoc/>
    public ScanProfile Profile => ScanProfile.None;

    /// <inheritdoc/>
    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);

        SignatureDatabase current = database;
        try
        {
            return new EngineVerdict(VerdictOf(Find(current, content, hash, isExhaustive: false, cancellationToken)), current.Definitions);
        }
        catch (ScanLimitException e)
        {
            return new EngineVerdict(Verdict.Incomplete(e.Message), current.Definitions);
        }
    }

    /// <summary>Finds all threats in a content, where a scan ends at the first.</summary>
    /// <exception cref="IOException">The content could not be read.</exception>
    internal IReadOnlyList<string> FindAll(ScanContent content, CancellationToken cancellationToken) =>
        Find(database, content, null, isExhaustive: true, cancellationToken).Threats;

    private static Findings Find(SignatureDatabase database, ScanContent content, ContentHash? hash, bool isExhaustive, CancellationToken cancellationToken)
    {
        Findings findings = new(isExhaustive);
        if (content.Length > 0)
        {
            // An empty file holds nothing to find, also where a signature is for the hash of nothing: ClamAV scans none either.
            new ContentScanner(database.Tables, new ArchiveBudget(ArchiveLimits.Default, TimeProvider.System), findings, cancellationToken).Scan(new ScannedContent(content, null), hash);
        }

        return findings;
    }

    private static Verdict VerdictOf(Findings findings) => findings.Threats.Count > 0
        ? Verdict.Infected(findings.Threats[0])
        : findings.Incomplete is { } why ? Verdict.Incomplete(why) : Verdict.Clean;
}
