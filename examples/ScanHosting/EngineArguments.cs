namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>The engine and the definitions that a command line asks for.</summary>
public sealed record EngineArguments
{
    public required string Engine { get; init; }

    public string? Clamd { get; init; }

    public bool Isolate { get; init; }

    public string? Definitions { get; init; }

    public bool SignedOnly { get; init; }

    public bool CacheDefinitions { get; init; } = true;

    public bool IncludePotentiallyUnwanted { get; init; }

    /// <summary>Gets how many files are scanned at once.</summary>
    public int Threads { get; init; } = 1;
}
