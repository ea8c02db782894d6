using System.Globalization;
using Spectre.Console;
using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>The scan on a screen: what is scanned, how far it has come, what was found, and the sums. Where the output is no terminal, plain lines.</summary>
internal sealed class ConsoleReport(IAnsiConsole console, bool listAll) : IScanReport, IProgress<ScanProgress>
{
    private readonly bool _isLive = console.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;
    private ProgressTask? _task;

    /// <summary>Runs a scan with its progress on the screen.</summary>
    public async Task<ScanSummary> ShowWhileAsync(Func<Task<ScanSummary>> scan)
    {
        if (!_isLive)
        {
            return await scan();
        }

        Progress progress = console.Progress().AutoClear(true).HideCompleted(true).Columns(
            new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left });
        return await progress.StartAsync(async context =>
        {
            _task = context.AddTask("opening").IsIndeterminate();
            return await scan();
        });
    }

    /// <summary>Shows what an image turned out to be.</summary>
    public void ShowImage(DiskImage image)
    {
        Write(PrintableText.Escape($"{image.Format} {image.Variant}".TrimEnd()) + $", {Size(image.Content.Length)}, partitions: {PrintableText.Escape(image.PartitionScheme)}");
        foreach (Volume volume in image.Volumes)
        {
            string content = volume.FileSystem is { } fileSystem ? $"{fileSystem.Name} \"{fileSystem.Label}\""
                : volume.Fault is not null ? "not readable"
                : volume.Remark;
            Write(PrintableText.Escape($"  {volume.Name}  {Size(volume.Partition.Length),10}  {content}"));
        }
    }

    public void Start(ScanRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        DefinitionSet definitions = run.Scope.Definitions;
        Write(PrintableText.Escape($"Definitions: {definitions.SignatureCount:N0} signatures, {definitions.Version}, from {definitions.Source}"));
        foreach (string source in run.Sources)
        {
            Write(PrintableText.Escape($"Scanning {source}"));
        }
    }

    public void Add(ScanResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (listAll || result.IsNotable)
        {
            Write(TextReport.Line(result), result.Verdict?.Kind switch
            {
                VerdictKind.Infected => "red bold",
                VerdictKind.Incomplete or VerdictKind.Failed => "yellow",
                _ => null,
            });
        }
    }

    public void Add(ScanProblem problem) => Write(TextReport.Line(problem), "yellow");

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
            table.AddRow("Saved by skipping", $"{Size(summary.BytesSaved)}, {summary.TimeSaved.TotalSeconds.ToString("N1", CultureInfo.InvariantCulture)} s");
        }

        table.AddRow("Data", Size(summary.Bytes));
        table.AddRow("Time", $"{summary.Elapsed.TotalSeconds.ToString("N1", CultureInfo.InvariantCulture)} s");
        console.WriteLine();
        console.Write(table);
        string outcome = summary.Infected > 0 ? "[red bold]Infected.[/]"
            : summary.Cancelled ? "[yellow]Cancelled before it was through.[/]"
            : summary.IsComplete ? "[green]Nothing found.[/]"
            : "[yellow]Nothing found, but not everything could be scanned.[/]";
        console.MarkupLine(outcome);

        void Row(string name, long count) => table.AddRow(name, count.ToString("N0", CultureInfo.InvariantCulture));
    }

    public void Report(ScanProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (_task is not { } task)
        {
            return;
        }

        if (value.Fraction is { } fraction)
        {
            task.IsIndeterminate(false).Value(fraction * 100);
        }

        string left = value.TimeLeft is { } time ? $", {time:hh\\:mm\\:ss} left" : "";
        string current = PrintableText.Escape(value.Current);
        current = current.Length > 60 ? "…" + current[^59..] : current;
        task.Description = Markup.Escape(string.Create(
            CultureInfo.InvariantCulture, $"{value.Contents:N0} files, {Size(value.BytesPerSecond)}/s{left}  {current}"));
    }

    private static string Size(double size)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        int unit = 0;
        while (size >= 1024 && unit < units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? size.ToString("N0", CultureInfo.InvariantCulture) : size.ToString("N1", CultureInfo.InvariantCulture))} {units[unit]}");
    }

    /// <summary>Writes a line that is safe to show. Long paths are not broken: somebody may want to copy them.</summary>
    private void Write(string line, string? style = null)
    {
        console.Write(new Text(line + Environment.NewLine, style is null ? Style.Plain : Style.Parse(style)) { Overflow = Overflow.Fold });
    }
}
