using Symantec.Virtualization.Examples.ScanHosting;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>What a run does.</summary>
internal enum VieMode
{
    Generate,
    Verify,
    Clear,
    Hash,
    Status,
    NewKey,
}

/// <summary>What the command line asks for.</summary>
internal sealed record VieToolArguments
{
    public required VieMode Mode { get; init; }

    /// <summary>Gets the volume, folder or file, with no link on its way; empty for a new key.</summary>
    public required string Root { get; init; }

    public string? NewKey { get; init; }

    public string? Key { get; init; }

    public string? KeyPasswordFile { get; init; }

    public bool AllowKeyInImage { get; init; }

    public string? Seal { get; init; }

    public required EngineArguments Engine { get; init; }

    public bool SkipScan { get; init; }

    public bool ScanAll { get; init; }

    public bool NoMarks { get; init; }

    public IReadOnlyList<string> Excluded { get; init; } = [];

    public IReadOnlyList<string> Reports { get; init; } = [];

    public string? Log { get; init; }

    public string? Memo { get; init; }

    public bool AllowPhysical { get; init; }

    public bool Stop { get; init; }

    public bool Silent { get; init; }

    public bool Verbose { get; init; }
}
