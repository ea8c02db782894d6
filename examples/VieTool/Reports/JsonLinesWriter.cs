using System.Text.Json;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>A line of JSON for each file and turn of a run, to follow while it runs: <c>entry</c> is <c>begin</c>, <c>file</c>, <c>note</c> or <c>end</c>. A run that is killed leaves the lines up to then.</summary>
internal sealed class JsonLinesWriter(string path) : IReportWriter
{
    private FileStream? _file;
    private Utf8JsonWriter? _json;

    public bool TakesAll => true;

    public void Begin(IReadOnlyList<Fact> facts)
    {
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 64 << 10);
        _json = new Utf8JsonWriter(_file, LineJson.Options(indented: false));
        Write("begin", json =>
        {
            json.WriteNumber("version", LineJson.Version);
            WriteAll(json, facts);
        });
    }

    public void Add(FileLine line) => Write("file", json => LineJson.Write(json, line));

    public void Note(string text) => Write("note", json => json.WriteString("text", PrintableText.Escape(text)));

    public void End(IReadOnlyList<Fact> facts)
    {
        Write("end", json => WriteAll(json, facts));
        _file!.Flush(flushToDisk: true);
    }

    public void Dispose() => _file?.Dispose();

    private static void WriteAll(Utf8JsonWriter json, IReadOnlyList<Fact> facts)
    {
        foreach (Fact fact in facts)
        {
            LineJson.Write(json, fact);
        }
    }

    private void Write(string entry, Action<Utf8JsonWriter> write)
    {
        _json!.WriteStartObject();
        _json.WriteString("entry", entry);
        write(_json);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _file!.WriteByte((byte)'\n');
    }
}
