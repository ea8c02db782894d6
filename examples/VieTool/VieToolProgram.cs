using System.CommandLine;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>The program from its command line to its exit code.</summary>
internal static class VieToolProgram
{
    /// <summary>Runs the program.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="machine">Tells what machine this is.</param>
    /// <param name="errors">Where it says what could not be done.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, Func<VirtualizationTag> machine, TextWriter errors)
    {
        ParseResult parsed = VieToolCommand.Create(machine, errors).Parse(arguments);
        InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) };
        return await LastResort.RunAsync(
            async () =>
            {
                int exitCode = await parsed.InvokeAsync(invocation);
                return parsed.Errors.Count > 0 ? VieExitCodes.Usage : exitCode;
            },
            errors);
    }
}
