namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>What the command line asks for.</summary>
internal sealed record OfflineScanArguments
{
    public required IReadOnlyList<string> Images { get; init; }

    public required string Engine { get; init; }

    public required string? Clamd { get; init; }

    public required bool Isolate { get; init; }

    public required string? Definitions { get; init; }

    public required bool SignedOnly { get; init; }

    public required bool CacheDefinitions { get; init; }

    public required bool ExplainDefinitions { get; init; }

    public required bool IncludePotentiallyUnwanted { get; init; }

    public required IReadOnlyList<string> Reports { get; init; }

    public required string? Log { get; init; }

    public required bool ListAll { get; init; }

    public required bool Hash { get; init; }

    public required IReadOnlyList<string> AllowedFolders { get; init; }

    public required int Threads { get; init; }

    public required bool Quiet { get; init; }

    public required bool Sample { get; init; }
}
