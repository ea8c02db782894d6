using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary><c>OfflineScan explain REPORT.jsonl PATH</c>: what became of one file, by whom, and why.</summary>
internal static class ExplainCommand
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        Argument<string> report = new("REPORT") { Description = "A report whose name ends in .jsonl." };
        Argument<string> path = new("PATH") { Description = "The file's location as the report spells it, or the end of it: p1/Windows/win.ini." };
        Command command = new("explain", "Tell from a report why a file was scanned or skipped, by whom, and what came of it.") { report, path };
        command.SetAction(parsed => Explain(parsed.GetRequiredValue(report), parsed.GetRequiredValue(path)));
        return command;
    }

    private static int Explain(string report, string path)
    {
        bool found = false;
        foreach (JsonElement entry in JsonLinesReport.Explain(report, path))
        {
            found = true;
            using MemoryStream text = new();
            using (Utf8JsonWriter writer = new(text, Indented))
            {
                entry.WriteTo(writer);
            }

            Console.WriteLine(System.Text.Encoding.UTF8.GetString(text.ToArray()));
        }

        if (!found)
        {
            Console.Error.WriteLine($"{PrintableText.Escape(report)} has no entry for {PrintableText.Escape(path)}.");
        }

        return found ? ExitCodes.Clean : ExitCodes.Errors;
    }
}
