using Spectre.Console;
using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.OfflineImageScanner;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>One run of the program: definitions, reports, scan.</summary>
internal static class OfflineScanRun
{
    /// <returns>The exit code.</returns>
    public static async Task<int> ExecuteAsync(OfflineScanArguments arguments, CancellationToken cancellationToken)
    {
        OutputPaths.Check(arguments.Images.Select(static image => (image, "an image that is to be scanned")), arguments.Reports, arguments.Log);
        Screen shown = Screen.Of(arguments.Quiet);
        IAnsiConsole console = shown.Console;
        if (arguments.ExplainDefinitions)
        {
            DefinitionText.Show(
                console, DefinitionChoice.Load(arguments.Engine.Definitions, EngineChoice.LoadOptions(arguments.Engine), onWarning: static _ => { }, cancellationToken: cancellationToken));
            return ExitCodes.Clean;
        }

        using ImageSeals seals = new(arguments.Seals, arguments.Images);
        IScanEngine engine = EngineChoice.Create(arguments.Engine, warning => console.MarkupLineInterpolated($"[yellow]{warning}[/]"), cancellationToken);
        using IDisposable? resources = engine as IDisposable;

        using SampleImage? sample = arguments.Sample ? new SampleImage() : null;
        using ReportFiles reports = new(arguments.Reports, arguments.Log, arguments.ListAll);
        ConsoleReport screen = new(shown, arguments.ListAll);
        ScanSessionOptions session = new() { HashContents = arguments.Hash, MaxConcurrency = arguments.Engine.Threads, Progress = screen };
        foreach (IScanReport report in (IEnumerable<IScanReport>)[screen, .. reports.All])
        {
            session.Reports.Add(report);
        }

        seals.AddTo(session);
        DiskImageOptions diskImages = new();
        foreach (string folder in arguments.AllowedFolders)
        {
            diskImages.AllowedFolders.Add(folder);
        }

        OfflineScanner scanner = new(
            engine, new OfflineScannerOptions { DiskImages = diskImages, ImageOpened = screen.ShowImage });
        string[] images = [.. arguments.Images, .. sample is null ? Array.Empty<string>() : [sample.Path]];
        ScanSummary summary = await shown.ShowWhileAsync(() => scanner.ScanAsync(images, session, cancellationToken));
        if (seals.Write() is { } told)
        {
            console.WriteLine(PrintableText.Escape(told));
        }

        return ExitCodes.Of(summary);
    }
}
