namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>All that takes down a run. Safe for concurrent use.</summary>
internal sealed class RunReports(IReadOnlyList<IReportWriter> writers) : IDisposable
{
    private readonly Lock _lock = new();

    public void Begin(params IReadOnlyList<Fact> facts) => Tell(writer => writer.Begin(facts));

    public void Add(FileLine line)
    {
        lock (_lock)
        {
            foreach (IReportWriter writer in writers)
            {
                if (line.IsNotable || writer.TakesAll)
                {
                    writer.Add(line);
                }
            }
        }
    }

    public void Note(string text) => Tell(writer => writer.Note(text));

    public void End(params IReadOnlyList<Fact> facts) => Tell(writer => writer.End(facts));

    public void Dispose()
    {
        foreach (IReportWriter writer in writers)
        {
            writer.Dispose();
        }
    }

    private void Tell(Action<IReportWriter> what)
    {
        lock (_lock)
        {
            foreach (IReportWriter writer in writers)
            {
                what(writer);
            }
        }
    }
}
