namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>Takes down a run: what it is, what became of each file, what it came to.</summary>
internal interface IReportWriter : IDisposable
{
    /// <summary>Gets a value indicating whether files are taken down of which nothing is to be said.</summary>
    bool TakesAll { get; }

    void Begin(IReadOnlyList<Fact> facts);

    void Add(FileLine line);

    void Note(string text);

    void End(IReadOnlyList<Fact> facts);
}

/// <summary>The kinds of report, by the ends of their names.</summary>
internal static class ReportWriters
{
    public static bool IsKnown(string path) => Path.GetExtension(path).ToUpperInvariant() is ".JSON" or ".JSONL" or ".CSV";

    public static IReportWriter Of(string path, bool takesAll) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".JSON" => new JsonWriter(path, takesAll),
        ".JSONL" => new JsonLinesWriter(path),
        _ => new CsvWriter(path),
    };
}
