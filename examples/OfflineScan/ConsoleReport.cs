using System.Globalization;
using Spectre.Console;
using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>The scan on a screen: what is scanned, how far it has come, what was found, and the sums. Where the output is no terminal, plain lines.</summary>
internal sealed class ConsoleReport(Screen screen, bool listAll) : IScanReport, IProgress<ScanProgress>
{
    /// <summary>Shows what an image turned out to be.</summary>
    public void ShowImage(DiskImage image)
    {
        screen.Write(PrintableText.Escape($"{image.Format} {image.Variant}".TrimEnd()) + $", {Screen.Size(image.Content.Length)}, partitions: {PrintableText.Escape(image.PartitionScheme)}");
        foreach (Volume volume in image.Volumes)
        {
            string content = volume.FileSystem is { } fileSystem ? $"{fileSystem.Name} \"{fileSystem.Label}\""
                : volume.Fault is not null ? "not readable"
                : volume.Remark;
            screen.Write(PrintableText.Escape($"  {volume.Name}  {Screen.Size(volume.Partition.Length),10}  {content}"));
        }
    }

    public void Start(ScanRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        DefinitionSet definitions = run.Scope.Definitions;
        screen.Write(PrintableText.Escape($"Definitions: {definitions.SignatureCount:N0} signatures, {definitions.Version}, from {definitions.Source}"));
        foreach (string source in run.Sources)
        {
            screen.Write(PrintableText.Escape($"Scanning {source}"));
        }
    }

    public void Add(ScanResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (listAll || result.IsNotable)
        {
            screen.Write(TextReport.Line(result), result.Verdict?.Kind switch
            {
                VerdictKind.Infected => "red bold",
                VerdictKind.Incomplete or VerdictKind.Failed => "yellow",
                _ => null,
            });
        }
    }

    public void Add(ScanProblem problem) => screen.Write(TextReport.Line(problem), "yellow");

    public void Finish(ScanSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        Table table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        Row("Files and streams", summary.Contents);
        Row("Infected", summary.Infected);
        Row("Not scanned to their end", summary.Incomplete);
        Row("Could not be scanned", summary.Failed);
        Row("Skipped", summary.Skipped);
        Row("Problems of the image", summary.Problems);
        if (summary.Skipped > 0)
        {
            table.AddRow("Saved by skipping", $"{Screen.Size(summary.BytesSaved)}, {summary.TimeSaved.TotalSeconds.ToString("N1", CultureInfo.InvariantCulture)} s");
        }

        table.AddRow("Data", Screen.Size(summary.Bytes));
        table.AddRow("Time", $"{summary.Elapsed.TotalSeconds.ToString("N1", CultureInfo.InvariantCulture)} s");
        screen.Console.WriteLine();
        screen.Console.Write(table);
        string outcome = summary.Infected > 0 ? "[red bold]Infected.[/]"
            : summary.Cancelled ? "[yellow]Cancelled before it was through.[/]"
            : summary.IsComplete ? "[green]Nothing found.[/]"
            : "[yellow]Nothing found, but not everything could be scanned.[/]";
        screen.Console.MarkupLine(outcome);

        void Row(string name, long count) => table.AddRow(name, count.ToString("N0", CultureInfo.InvariantCulture));
    }

    public void Report(ScanProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        screen.ShowProgress(
            value.Fraction,
            string.Create(CultureInfo.InvariantCulture, $"{value.Contents:N0} files, {Screen.Size(value.BytesPerSecond)}/s{Screen.Left(value.TimeLeft)}"),
            PrintableText.Escape(value.Current));
    }
}
