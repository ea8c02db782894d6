using System.Diagnostics;
using System.Text.Json;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>The program <c>OfflineScan</c>, run as its users run it.</summary>
internal static class OfflineScanProgram
{
    /// <summary>How one run ended.</summary>
    /// <param name="ExitCode">The exit code.</param>
    /// <param name="Output">What it printed.</param>
    /// <param name="Errors">What it printed as errors.</param>
    public sealed record Outcome(int ExitCode, string Output, string Errors);

    /// <summary>Runs the program to its end.</summary>
    public static Outcome Run(params IEnumerable<string> arguments) => Start("dotnet", [Program, .. arguments]);

    /// <summary>Runs the program to its end, and measures the most memory that it had: the resident set, in bytes.</summary>
    public static (Outcome Outcome, long PeakMemory) RunMeasured(params IEnumerable<string> arguments)
    {
        Outcome outcome = Start("/usr/bin/time", ["-q", "-f", "peak %M", "dotnet", Program, .. arguments]);
        string peak = outcome.Errors.Split('\n').Last(static line => line.StartsWith("peak ", StringComparison.Ordinal));
        return (outcome, long.Parse(peak["peak ".Length..], null) * 1024);
    }

    /// <summary>Runs the program with a report of everything.</summary>
    public static (Outcome Outcome, JsonElement Report) RunWithReport(string report, params IEnumerable<string> arguments)
    {
        Outcome outcome = Run([.. arguments, "--all", "--hash", "--report", report]);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(report));
        return (outcome, document.RootElement.Clone());
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "OfflineScan.dll");

    private static Outcome Start(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, errors.GetAwaiter().GetResult());
    }
}
