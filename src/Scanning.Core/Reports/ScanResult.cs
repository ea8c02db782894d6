namespace Symantec.Virtualization.Scanning.Core;

/// <summary>What became of one content.</summary>
public enum Disposition
{
    /// <summary>An engine scanned it, or tried to.</summary>
    Scanned,

    /// <summary>An exemption made a scan unnecessary.</summary>
    Skipped,

    /// <summary>The content is there and in a form that cannot be scanned.</summary>
    Unscannable,
}

/// <summary>How one content turned out: an entry of the ledger.</summary>
public sealed record ScanResult
{
    /// <summary>Gets where the content is; hostile.</summary>
    public required string Location { get; init; }

    /// <summary>Gets the other places where it is found.</summary>
    public IReadOnlyList<string> OtherLocations { get; init; } = [];

    /// <summary>Gets the length in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Gets the number of bytes that are stored for it.</summary>
    public required long StoredLength { get; init; }

    /// <summary>Gets the hash of the content, where it is known: of one that was scanned, the hash of the bytes that the engine saw.</summary>
    /// <value><see langword="null"/> also for a file that changed while it was scanned.</value>
    public ContentHash? Hash { get; init; }

    /// <summary>Gets the file's identity; <see langword="null"/> for what is no file, as a stream of one.</summary>
    public FileIdentity? Identity { get; init; }

    /// <summary>Gets the identity of the file that the content is, or is a stream of; <see langword="null"/> if there is none.</summary>
    public FileIdentity? OwnerIdentity { get; init; }

    /// <summary>Gets what became of the content.</summary>
    public required Disposition Disposition { get; init; }

    /// <summary>Gets who decided: the engine that scanned, the exemption that let it be skipped, or the source that could not read it.</summary>
    public required string By { get; init; }

    /// <summary>Gets why it was skipped; empty if it was scanned.</summary>
    public string Why { get; init; } = "";

    /// <summary>Gets the verdict; <see langword="null"/> for a content that was skipped.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>Gets the definitions that the verdict was found with.</summary>
    public DefinitionSet? Definitions { get; init; }

    /// <summary>Gets a value indicating whether the content was read through, to be hashed or scanned; one that was skipped without that saved its bytes too.</summary>
    public bool WasRead { get; init; }

    /// <summary>Gets the time that hashing and scanning took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Gets a value indicating whether somebody should look at it: it is infected, or was not scanned to its end.</summary>
    public bool IsNotable => Verdict is { Kind: not VerdictKind.Clean };
}
