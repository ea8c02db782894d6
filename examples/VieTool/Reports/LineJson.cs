using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>How the parts of a run are written in JSON.</summary>
internal static class LineJson
{
    /// <summary>The version of the documents' form; it grows when a reader must know.</summary>
    public const int Version = 1;

    // The documents are files, not parts of web pages: names in any script stay readable.
    public static JsonWriterOptions Options(bool indented) => new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = indented };

    public static void Write(Utf8JsonWriter json, Fact fact)
    {
        switch (fact.Value)
        {
            case null: json.WriteNull(fact.Name); break;
            case long number: json.WriteNumber(fact.Name, number); break;
            case double number: json.WriteNumber(fact.Name, Math.Round(number, 3)); break;
            case bool truth: json.WriteBoolean(fact.Name, truth); break;
            case DateTimeOffset time: json.WriteString(fact.Name, time); break;
            default: json.WriteString(fact.Name, PrintableText.Escape(fact.Value.ToString()!)); break;
        }
    }

    public static void Write(Utf8JsonWriter json, FileLine line)
    {
        json.WriteString("location", PrintableText.Escape(line.Location));
        json.WriteString("outcome", line.Outcome);
        if (line.Detail.Length > 0)
        {
            json.WriteString("detail", PrintableText.Escape(line.Detail));
        }

        if (line.Hash is { } hash)
        {
            json.WriteString("sha256", hash.ToString());
        }

        if (line.Identity is { } identity)
        {
            json.WriteStartObject("identity");
            json.WriteString("volume", PrintableText.Escape(identity.Volume));
            json.WriteString("fileId", identity.FileId.ToString(CultureInfo.InvariantCulture));
            json.WriteNumber("size", identity.Size);
            WriteTime(json, "created", identity.Created);
            WriteTime(json, "modified", identity.Modified);
            WriteTime(json, "changed", identity.Changed);
            if (identity.JournalId != 0)
            {
                json.WriteString("journal", identity.JournalId.ToString("x16", CultureInfo.InvariantCulture));
                json.WriteNumber("lastUsn", identity.LastUsn);
            }

            json.WriteEndObject();
        }
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTime? time)
    {
        if (time is { } known)
        {
            json.WriteString(name, known.ToUniversalTime());
        }
    }
}
