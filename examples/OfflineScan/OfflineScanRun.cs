using Spectre.Console;
using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.OfflineImageScanner;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>One run of the program: definitions, reports, scan.</summary>
internal static class OfflineScanRun
{
    /// <returns>The exit code.</returns>
    public static async Task<int> ExecuteAsync(OfflineScanArguments arguments, CancellationToken cancellationToken)
    {
        OutputPaths.Check(arguments);
        IAnsiConsole console = ConsoleFor(arguments);
        if (arguments.ExplainDefinitions)
        {
            DefinitionText.Show(
                console, DefinitionChoice.Load(arguments.Definitions, EngineChoice.LoadOptions(arguments), onWarning: static _ => { }, cancellationToken: cancellationToken));
            return ExitCodes.Clean;
        }

        IScanEngine engine = EngineChoice.Create(arguments, warning => console.MarkupLineInterpolated($"[yellow]{warning}[/]"), cancellationToken);
        using IDisposable? resources = engine as IDisposable;

        using SampleImage? sample = arguments.Sample ? new SampleImage() : null;
        using ReportFiles reports = new(arguments);
        ConsoleReport screen = new(console, arguments.ListAll);
        ScanSessionOptions session = new() { HashContents = arguments.Hash, MaxConcurrency = arguments.Threads, Progress = screen };
        foreach (IScanReport report in (IEnumerable<IScanReport>)[screen, .. reports.All])
        {
            session.Reports.Add(report);
        }

        DiskImageOptions diskImages = new();
        foreach (string folder in arguments.AllowedFolders)
        {
            diskImages.AllowedFolders.Add(folder);
        }

        OfflineScanner scanner = new(
            engine, new OfflineScannerOptions { DiskImages = diskImages, ImageOpened = screen.ShowImage });
        string[] images = [.. arguments.Images, .. sample is null ? Array.Empty<string>() : [sample.Path]];
        ScanSummary summary = await screen.ShowWhileAsync(() => scanner.ScanAsync(images, session, cancellationToken));
        return ExitCodes.Of(summary);
    }

    private static IAnsiConsole ConsoleFor(OfflineScanArguments arguments)
    {
        if (arguments.Quiet)
        {
            return AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        }

        if (Console.IsOutputRedirected)
        {
            // Whoever reads lines wants them whole: the longest path of Windows, and what is said of it.
            AnsiConsole.Console.Profile.Width = 40_000;
        }

        return AnsiConsole.Console;
    }
}
