using System.Text.Encodings.Web;
using System.Text.Json;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>How a scan's parts are written in JSON, in the report and line by line alike.</summary>
internal static class ResultJson
{
    /// <summary>The version of the documents' form; it grows when a reader must know.</summary>
    public const int Version = 1;

    public static JsonWriterOptions Options(bool indented) => new()
    {
        // The documents are files, not parts of web pages: names in any script stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = indented,
    };

    public static void WriteRun(Utf8JsonWriter json, ScanRun run)
    {
        json.WriteStartArray("sources");
        foreach (string source in run.Sources)
        {
            json.WriteStringValue(PrintableText.Escape(source));
        }

        json.WriteEndArray();
        json.WriteString("trigger", Name(run.Trigger));
        json.WriteString("started", run.Started);
        json.WriteString("engine", run.Scope.Engine);
        json.WriteString("profile", run.Scope.Profile.Digest);
        json.WritePropertyName("definitions");
        WriteDefinitions(json, run.Scope.Definitions);
    }

    public static void WriteResult(Utf8JsonWriter json, ScanResult result)
    {
        json.WriteString("location", PrintableText.Escape(result.Location));
        if (result.OtherLocations.Count > 0)
        {
            json.WriteStartArray("otherLocations");
            foreach (string location in result.OtherLocations)
            {
                json.WriteStringValue(PrintableText.Escape(location));
            }

            json.WriteEndArray();
        }

        json.WriteNumber("length", result.Length);
        json.WriteNumber("storedLength", result.StoredLength);
        if (result.Hash is { } hash)
        {
            json.WriteString("sha256", hash.ToString());
        }

        json.WriteString("disposition", Name(result.Disposition));
        json.WriteString("by", result.By);
        if (result.Why.Length > 0)
        {
            json.WriteString("why", PrintableText.Escape(result.Why));
        }

        if (result.Verdict is { } verdict)
        {
            json.WriteString("verdict", Name(verdict.Kind));
            if (verdict.Kind != VerdictKind.Clean)
            {
                json.WriteString(verdict.Kind == VerdictKind.Infected ? "threat" : "why", PrintableText.Escape(verdict.Detail));
            }
        }

        json.WriteNumber("milliseconds", Math.Round(result.Elapsed.TotalMilliseconds, 3));
    }

    public static void WriteProblem(Utf8JsonWriter json, ScanProblem problem)
    {
        json.WriteString("location", PrintableText.Escape(problem.Location));
        json.WriteString("message", PrintableText.Escape(problem.Message));
    }

    public static void WriteSummary(Utf8JsonWriter json, ScanSummary summary)
    {
        json.WriteNumber("contents", summary.Contents);
        json.WriteNumber("bytes", summary.Bytes);
        json.WriteNumber("infected", summary.Infected);
        json.WriteNumber("incomplete", summary.Incomplete);
        json.WriteNumber("failed", summary.Failed);
        json.WriteNumber("skipped", summary.Skipped);
        json.WriteNumber("problems", summary.Problems);
        json.WriteBoolean("cancelled", summary.Cancelled);
        json.WriteBoolean("complete", summary.IsComplete);
        json.WriteNumber("seconds", Math.Round(summary.Elapsed.TotalSeconds, 3));
        json.WriteNumber("bytesSaved", summary.BytesSaved);
        json.WriteNumber("secondsSaved", Math.Round(summary.TimeSaved.TotalSeconds, 3));
        json.WriteStartArray("ledger");
        foreach (LedgerLine line in summary.Ledger)
        {
            json.WriteStartObject();
            json.WriteString("disposition", Name(line.Disposition));
            json.WriteString("by", line.By);
            json.WriteNumber("contents", line.Contents);
            json.WriteNumber("bytes", line.Bytes);
            json.WriteNumber("seconds", Math.Round(line.Elapsed.TotalSeconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteDefinitions(Utf8JsonWriter json, DefinitionSet definitions)
    {
        json.WriteStartObject();
        json.WriteString("version", definitions.Version);
        json.WriteNumber("sequence", definitions.Sequence);
        if (definitions.Published is { } published)
        {
            json.WriteString("published", published);
        }

        json.WriteNumber("signatures", definitions.SignatureCount);
        json.WriteString("digest", definitions.Digest.ToString());
        json.WriteString("source", PrintableText.Escape(definitions.Source));
        json.WriteEndObject();
    }

    private static string Name<T>(T value)
        where T : struct, Enum
        => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
