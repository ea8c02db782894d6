using System.Globalization;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>A table of a run: <c>entry</c> is <c>begin</c>, <c>file</c>, <c>note</c> or <c>end</c>; of <c>begin</c> and <c>end</c> each row is a fact, its name under <c>outcome</c> and its value under <c>detail</c>.</summary>
/// <remarks>
/// RFC 4180. Spreadsheets take a cell that begins with <c>= + - @</c>, a tabulator or a line break for a formula, and the names of files are chosen by anybody: such a cell
/// gets an apostrophe in front, which spreadsheets take for the sign of a text.
/// </remarks>
internal sealed class CsvWriter(string path) : IReportWriter
{
    private static readonly string[] Header =
        ["entry", "outcome", "location", "detail", "sha256", "size", "volume", "fileId", "created", "modified", "changed", "journal", "lastUsn"];

    private PartialFile? _file;
    private StreamWriter? _text;

    public bool TakesAll => true;

    /// <summary>Writes a cell.</summary>
    public static string Cell(string value)
    {
        string safe = PrintableText.Escape(value);
        safe = safe.Length > 0 && "=+-@\t\r\n".Contains(safe[0], StringComparison.Ordinal) ? "'" + safe : safe;
        return safe.AsSpan().ContainsAny("\",\r\n'") || safe.Contains(';', StringComparison.Ordinal) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    public void Begin(IReadOnlyList<Fact> facts)
    {
        _file = new PartialFile(path);
        _text = new StreamWriter(_file.Stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
        Row(Header);
        WriteAll("begin", facts);
    }

    public void Add(FileLine line)
    {
        FileIdentity? identity = line.Identity;
        Row(
            "file", line.Outcome, line.Location, line.Detail, line.Hash?.ToString() ?? "", Text(identity?.Size), identity?.Volume ?? "", Text(identity?.FileId),
            Text(identity?.Created), Text(identity?.Modified), Text(identity?.Changed),
            identity is { JournalId: not 0 } journaled ? journaled.JournalId.ToString("x16", CultureInfo.InvariantCulture) : "",
            identity is { JournalId: not 0 } placed ? Text(placed.LastUsn) : "");
    }

    public void Note(string text) => Row("note", "", "", text);

    public void End(IReadOnlyList<Fact> facts)
    {
        WriteAll("end", facts);
        _text!.Flush();
        _file!.Complete();
    }

    public void Dispose() => _file?.Dispose();

    private static string Text(object? value) => value switch
    {
        null => "",
        DateTime time => time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private void WriteAll(string entry, IReadOnlyList<Fact> facts)
    {
        foreach (Fact fact in facts)
        {
            Row(entry, fact.Name, "", Text(fact.Value));
        }
    }

    private void Row(params ReadOnlySpan<string> cells)
    {
        for (int i = 0; i < Header.Length; i++)
        {
            _text!.Write(i == 0 ? "" : ",");
            _text.Write(i < cells.Length ? Cell(cells[i]) : "");
        }

        _text!.WriteLine();
    }
}
