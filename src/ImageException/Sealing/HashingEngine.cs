using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>Stands in for an engine where contents are only to be hashed: it finds nothing, and its name says that it looked for nothing.</summary>
public sealed class HashingEngine : IScanEngine
{
    /// <summary>The name that tells that nothing was scanned.</summary>
    public const string EngineName = "not-scanned";

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    /// <remarks>They have no date, so that a policy that asks for definitions of some age does not accept them.</remarks>
    public DefinitionSet Definitions { get; } = new() { Engine = EngineName, Version = "none", Digest = ContentHash.Compute([]) };

    /// <inheritdoc/>
    public ScanProfile Profile => ScanProfile.None;

    /// <inheritdoc/>
    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken) => new(Verdict.Clean, Definitions);
}
