namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What a line of a database is.</summary>
internal enum DefinitionLineKind
{
    /// <summary>A signature for this engine.</summary>
    Signature,

    /// <summary>A signature for engines that are older or newer than this one.</summary>
    OtherLevel,

    /// <summary>No signature.</summary>
    Malformed,
}
