using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.ImageException;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>What a mode works with, and what it has met so far.</summary>
internal sealed class RunContext(VieToolArguments arguments, RunReports reports, Screen screen, CancellationTokenSource stopping)
{
    private readonly Lock _lock = new();

    public VieToolArguments Arguments => arguments;

    public RunReports Reports => reports;

    public Screen Screen => screen;

    public PhaseProgress Progress { get; } = new(screen, TimeProvider.System);

    public string SealPath { get; } = SealPathOf(arguments);

    /// <summary>Gets the files and folders that are left out, besides the seal.</summary>
    public IReadOnlyList<string> Excluded { get; } = [.. arguments.Excluded, .. OutputsOf(arguments)];

    /// <summary>Gets the exit code of the worst that was met.</summary>
    public int Met { get; private set; } = VieExitCodes.Done;

    /// <summary>Gets a value indicating whether the run ended at the first file that is amiss, as was asked for.</summary>
    public bool IsStopped { get; private set; }

    public static string SealPathOf(VieToolArguments arguments) => arguments.Seal ?? (arguments.Root.Length > 0 ? SealPlace.Of(arguments.Root) : "");

    /// <summary>Takes down a file; of a notable one, with the exit code that it makes.</summary>
    public void Add(FileLine line, int exitCode = VieExitCodes.Errors)
    {
        reports.Add(line);
        if (!line.IsNotable)
        {
            return;
        }

        lock (_lock)
        {
            Met = Met == VieExitCodes.Found ? Met : exitCode;
            if (arguments.Stop && !IsStopped)
            {
                IsStopped = true;
                stopping.Cancel();
            }
        }
    }

    private static IEnumerable<string> OutputsOf(VieToolArguments arguments)
    {
        IEnumerable<string> reports = arguments.Reports.SelectMany(static report => new[] { report, report + ".partial" });
        return reports.Concat(new[] { arguments.Log, arguments.Memo }.OfType<string>()).Select(OutputPaths.Resolve);
    }
}

/// <summary>What a mode came to.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Outcome">The same in a sentence.</param>
/// <param name="Facts">More of it.</param>
internal sealed record ModeOutcome(int ExitCode, string Outcome, IReadOnlyList<Fact> Facts)
{
    public ModeOutcome(int exitCode, string outcome)
        : this(exitCode, outcome, [])
    {
    }
}
