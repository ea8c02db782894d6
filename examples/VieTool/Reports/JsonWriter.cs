using System.Text.Json;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>One JSON document about a run, in a file that appears when the run has ended.</summary>
internal sealed class JsonWriter(string path, bool takesAll) : IReportWriter
{
    private readonly List<string> _notes = [];
    private PartialFile? _file;
    private Utf8JsonWriter? _json;

    public bool TakesAll => takesAll;

    public void Begin(IReadOnlyList<Fact> facts)
    {
        _file = new PartialFile(path);
        _json = new Utf8JsonWriter(_file.Stream, LineJson.Options(indented: true));
        _json.WriteStartObject();
        _json.WriteString("report", "symantec-virtualization-vietool");
        _json.WriteNumber("version", LineJson.Version);
        foreach (Fact fact in facts)
        {
            LineJson.Write(_json, fact);
        }

        _json.WriteStartArray("files");
    }

    public void Add(FileLine line)
    {
        _json!.WriteStartObject();
        LineJson.Write(_json, line);
        _json.WriteEndObject();
        if (_json.BytesPending > 32 << 10)
        {
            _json.Flush();
        }
    }

    public void Note(string text) => _notes.Add(text);

    public void End(IReadOnlyList<Fact> facts)
    {
        _json!.WriteEndArray();
        _json.WriteStartArray("notes");
        _notes.ForEach(note => _json.WriteStringValue(PrintableText.Escape(note)));
        _json.WriteEndArray();
        _json.WriteStartObject("summary");
        foreach (Fact fact in facts)
        {
            LineJson.Write(_json, fact);
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
        _file!.Complete();
    }

    // The writer is not disposed: that would write its rest into a file that is closed or about to go.
    public void Dispose() => _file?.Dispose();
}
