namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>Tests that hold for a table whatever it keeps of its keys.</summary>
/// <param name="compact">Whether that is not all of them.</param>
public abstract class TableTests(bool compact)
{
    /// <summary>A table of so many bytes with a secret that is always the same; generations 0 and 1 of all lanes are alive.</summary>
    private protected VerdictTable Make(long bytes = 1 << 20) => Tables.Make(bytes, compact);
}
