using System.Text.Json;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>The program <c>OfflineScan</c>, run as its users run it.</summary>
internal static class OfflineScanProgram
{
    /// <summary>Runs the program to its end.</summary>
    public static ProgramRun Run(params IEnumerable<string> arguments) => ProgramRun.Of("dotnet", [Program, .. arguments]);

    /// <summary>Runs the program to its end, with a variable of its environment set.</summary>
    public static ProgramRun RunWith((string Name, string Value) environment, params IEnumerable<string> arguments) => ProgramRun.Of("dotnet", [Program, .. arguments], environment);

    /// <summary>Runs the program to its end, and measures the most memory that it had: the resident set, in bytes.</summary>
    public static (ProgramRun Outcome, long PeakMemory) RunMeasured(params IEnumerable<string> arguments)
    {
        ProgramRun outcome = ProgramRun.Of("/usr/bin/time", ["-q", "-f", "peak %M", "dotnet", Program, .. arguments]);
        string peak = outcome.Errors.Split('\n').Last(static line => line.StartsWith("peak ", StringComparison.Ordinal));
        return (outcome, long.Parse(peak["peak ".Length..], null) * 1024);
    }

    /// <summary>Runs the program with a report of everything.</summary>
    public static (ProgramRun Outcome, JsonElement Report) RunWithReport(string report, params IEnumerable<string> arguments)
    {
        ProgramRun outcome = Run([.. arguments, "--all", "--hash", "--report", report]);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(report));
        return (outcome, document.RootElement.Clone());
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "OfflineScan.dll");
}
