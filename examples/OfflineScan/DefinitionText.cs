using System.Globalization;
using Spectre.Console;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>Explains definitions: what is used of each file, and why the rest is not.</summary>
internal static class DefinitionText
{
    private const int MaxMalformedLines = 20;

    public static void Show(IAnsiConsole console, SignatureDatabase database)
    {
        DefinitionSet definitions = database.Definitions;
        console.MarkupLineInterpolated($"[bold]{definitions.Engine} {definitions.Version}[/]");
        console.MarkupLineInterpolated($"source     {PrintableText.Escape(definitions.Source)}");
        console.MarkupLineInterpolated($"published  {(definitions.Published is { } published ? published.ToString("u", CultureInfo.InvariantCulture) : "unknown")}");
        console.MarkupLineInterpolated($"digest     {definitions.Digest}");
        console.MarkupLineInterpolated($"signatures {definitions.SignatureCount:N0} in use, {database.Report.LeftOut.Values.Sum():N0} left out, {database.Report.Files.Sum(static file => file.Malformed):N0} malformed");
        foreach (DefinitionFileReport file in database.Report.Files)
        {
            Show(console, file);
        }
    }

    private static void Show(IAnsiConsole console, DefinitionFileReport file)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{PrintableText.Escape(file.Path)}[/]");
        if (file.Unread is { } why)
        {
            console.MarkupLineInterpolated($"  not used: {PrintableText.Escape(why)}");
            return;
        }

        console.MarkupLineInterpolated($"  {file.Loaded:N0} in use");
        foreach ((string reason, long count) in file.LeftOut.OrderByDescending(static pair => pair.Value))
        {
            console.MarkupLineInterpolated($"  {count:N0} left out: {PrintableText.Escape(reason)}");
        }

        if (file.Malformed > 0)
        {
            console.MarkupLineInterpolated($"  {file.Malformed:N0} malformed");
        }

        foreach (MalformedLine line in file.MalformedLines.Take(MaxMalformedLines))
        {
            console.MarkupLineInterpolated($"    line {line.Line}, {PrintableText.Escape(line.Field)}: {PrintableText.Escape(line.Detail)}");
        }
    }
}
