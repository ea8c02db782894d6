using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>Stands in for an engine where contents are only to be hashed: it finds nothing, and its name says that it looked for nothing.</summary>
internal sealed class HashingEngine : IScanEngine
{
    public const string EngineName = "not-scanned";

    public string Name => EngineName;

    /// <remarks>They have no date, so that a policy that asks for definitions of some age does not accept them.</remarks>
    public DefinitionSet Definitions { get; } = new() { Engine = EngineName, Version = "none", Digest = ContentHash.Compute([]) };

    public ScanProfile Profile => ScanProfile.None;

    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken) => new(Verdict.Clean, Definitions);
}
