using System.Security.Cryptography;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Scanning.ClamAv;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>One run: what is checked before, the mode, and what is said of it afterwards.</summary>
/// <param name="arguments">What the command line asks for.</param>
/// <param name="machine">Tells what machine this is.</param>
/// <param name="errors">Where it says what could not be done.</param>
internal sealed class VieToolRun(VieToolArguments arguments, Func<VirtualizationTag> machine, TextWriter errors)
{
    /// <returns>The exit code.</returns>
    public async Task<int> ExecuteAsync(CancellationToken cancellationToken)
    {
        try
        {
            CheckPaths();
            Screen screen = Screen.Of(arguments.Silent);
            using RunReports reports = new(Writers(screen));
            return await ReportAsync(screen, reports, cancellationToken);
        }
        catch (Exception e) when (IsExpected(e))
        {
            Fail(e.Message);
            return VieExitCodes.Errors;
        }
    }

    private static bool IsExpected(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ClamAvException or PlatformNotSupportedException;

    private async Task<int> ReportAsync(Screen screen, RunReports reports, CancellationToken cancellationToken)
    {
        DateTimeOffset started = TimeProvider.System.GetUtcNow();
        long began = TimeProvider.System.GetTimestamp();
        using CancellationTokenSource stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        RunContext run = new(arguments, reports, screen, stopping);
        reports.Begin(
            new Fact("mode", "", arguments.Mode.ToString().ToLowerInvariant()),
            new Fact("root", arguments.Mode == VieMode.NewKey ? "" : "Volume or path", arguments.Root),
            new Fact("host", "", Environment.MachineName),
            new Fact("started", "", started));
        ModeOutcome outcome;
        try
        {
            outcome = WhyNotHere() is { } refusal
                ? new ModeOutcome(VieExitCodes.NotVirtual, refusal)
                : await screen.ShowWhileAsync(() => RunModeAsync(run, stopping.Token));
        }
        catch (OperationCanceledException) when (run.IsStopped && !cancellationToken.IsCancellationRequested)
        {
            outcome = new ModeOutcome(run.Met, $"Stopped at the first file that is amiss. {HowToGoOn()}");
        }
        catch (OperationCanceledException)
        {
            outcome = new ModeOutcome(VieExitCodes.Errors, $"Cancelled before it was through. {HowToGoOn()}");
        }
        catch (Exception e) when (IsExpected(e))
        {
            outcome = new ModeOutcome(VieExitCodes.Errors, $"Error: {e.Message}");
            Fail(e.Message);
        }

        reports.End(
        [
            .. outcome.Facts,
            new Fact("seconds", arguments.Mode is VieMode.NewKey or VieMode.Status ? "" : "Seconds", TimeProvider.System.GetElapsedTime(began).TotalSeconds),
            new Fact("exitCode", "", (long)outcome.ExitCode),
            new Fact("outcome", "Outcome", outcome.Outcome),
        ]);
        return outcome.ExitCode;
    }

    private static Task<ModeOutcome> RunModeAsync(RunContext run, CancellationToken cancellationToken) => run.Arguments.Mode switch
    {
        VieMode.Generate => GenerateMode.RunAsync(run, cancellationToken),
        VieMode.Verify => VerifyMode.RunAsync(run, cancellationToken),
        VieMode.Clear => ClearMode.RunAsync(run, cancellationToken),
        VieMode.Hash => HashMode.RunAsync(run, cancellationToken),
        VieMode.Status => StatusMode.RunAsync(run),
        _ => NewKeyMode.RunAsync(run),
    };

    /// <summary>Tells why this machine is not one to seal or clear on. To verify, hash or ask for the status changes nothing, and is done where a clone's disk is mounted as well.</summary>
    private string? WhyNotHere()
        => arguments is { Mode: VieMode.Generate or VieMode.Clear, AllowPhysical: false } && MachineCheck.WhyNot(machine()) is { } why
            ? $"{why}: base images are sealed in their virtual machine. To do it here all the same, say --allow-physical."
            : null;

    private string HowToGoOn() => arguments.Mode switch
    {
        VieMode.Generate => "What was scanned so far is kept: run the same command again, and it goes on from there.",
        VieMode.Clear => "Run the same command again to take off the other marks.",
        _ => "Nothing was changed: run the same command again.",
    };

    private void CheckPaths()
    {
        bool isFile = File.Exists(arguments.Root);
        if (arguments.Mode != VieMode.NewKey && !isFile && !Directory.Exists(arguments.Root))
        {
            throw new IOException($"{PrintableText.Escape(arguments.Root)} is not there.");
        }

        if (arguments.Mode == VieMode.Generate && isFile)
        {
            throw new IOException($"{PrintableText.Escape(arguments.Root)} is a file: volumes and folders are sealed.");
        }

        string seal = RunContext.SealPathOf(arguments);
        List<(string, string)> inputs = [];
        AddInput(arguments.Key, "the key");
        AddInput(arguments.KeyPasswordFile, "the file of the password");
        AddInput(arguments.NewKey, "the new key");
        AddInput(arguments.NewKey is null ? null : arguments.NewKey + ".pub", "the new key");
        AddInput(arguments.Memo, "the memo");
        AddInput(isFile ? arguments.Root : null, "the file itself");
        AddInput(seal.Length > 0 ? seal : null, "the seal");
        OutputPaths.Check(inputs, arguments.Reports, arguments.Log);
        if (arguments.Mode is VieMode.Generate or VieMode.Clear)
        {
            OutputPaths.CheckKind("--seal", seal, Seal.Magic, "seal");
            OutputPaths.CheckKind("--seal", SealPlace.CheckpointOf(seal), Seal.Magic, "seal");
        }

        if (arguments.Memo is { } memo)
        {
            OutputPaths.CheckKind("--memo", memo, "SVHMEMO"u8, "memo");
        }

        void AddInput(string? path, string what)
        {
            if (path is not null)
            {
                inputs.Add((path, what));
            }
        }
    }

    private List<IReportWriter> Writers(Screen screen)
    {
        bool all = arguments.Verbose;
        List<IReportWriter> writers = arguments.Silent ? [] : [new ScreenWriter(screen, all)];
        writers.AddRange(arguments.Reports.Select(report => ReportWriters.Of(report, all || arguments.Mode == VieMode.Hash)));
        if (arguments.Log is { } log)
        {
            writers.Add(new LogWriter(log, all));
        }

        return writers;
    }

    private void Fail(string message)
    {
        if (!arguments.Silent)
        {
            errors.WriteLine($"Error: {message}");
        }
    }
}
