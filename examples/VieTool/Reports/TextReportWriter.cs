using System.Globalization;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>A run for people to read, line by line.</summary>
internal abstract class TextReportWriter(bool takesAll) : IReportWriter
{
    public bool TakesAll => takesAll;

    public void Begin(IReadOnlyList<Fact> facts) => WriteAll(facts);

    public void Add(FileLine line) => Write(line.Text, line.Outcome == "infected" ? "red bold" : line.IsNotable ? "yellow" : null);

    public void Note(string text) => Write(PrintableText.Escape(text), "yellow");

    public void End(IReadOnlyList<Fact> facts) => WriteAll(facts);

    public virtual void Dispose()
    {
    }

    protected abstract void Write(string line, string? style);

    private static string Text(object? value) => value switch
    {
        null => "unknown",
        long number => number.ToString("N0", CultureInfo.InvariantCulture),
        double number => number.ToString("N1", CultureInfo.InvariantCulture),
        bool truth => truth ? "yes" : "no",
        DateTimeOffset time => time.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture),
        _ => PrintableText.Escape(value.ToString()!),
    };

    private void WriteAll(IReadOnlyList<Fact> facts)
    {
        foreach (Fact fact in facts.Where(static fact => fact.Label.Length > 0))
        {
            Write($"{fact.Label + ":",-28}{Text(fact.Value)}", style: null);
        }
    }
}

/// <summary>The run on the screen.</summary>
internal sealed class ScreenWriter(Screen screen, bool takesAll) : TextReportWriter(takesAll)
{
    protected override void Write(string line, string? style) => screen.Write(line, style);
}

/// <summary>The run in a log, which is added to: each line is on its way to the disk before the next begins.</summary>
internal sealed class LogWriter(string path, bool takesAll) : TextReportWriter(takesAll)
{
    private readonly StreamWriter _log = new(path, append: true) { AutoFlush = true };

    public override void Dispose()
    {
        _log.Dispose();
        base.Dispose();
    }

    protected override void Write(string line, string? style) => _log.WriteLine(line);
}
