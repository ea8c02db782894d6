using Symantec.Virtualization.Examples.ScanHosting;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>What the command line asks for.</summary>
internal sealed record OfflineScanArguments
{
    public required IReadOnlyList<string> Images { get; init; }

    public required EngineArguments Engine { get; init; }

    public required SealArguments Seals { get; init; }

    public required bool ExplainDefinitions { get; init; }

    public required IReadOnlyList<string> Reports { get; init; }

    public required string? Log { get; init; }

    public required bool ListAll { get; init; }

    public required bool Hash { get; init; }

    public required IReadOnlyList<string> AllowedFolders { get; init; }

    public required bool Quiet { get; init; }

    public required bool Sample { get; init; }
}
