using System.CommandLine;
using Symantec.Virtualization.Examples.OfflineScan;
using Symantec.Virtualization.Examples.ScanHosting;

// Scans virtual disks that are not running. The exit code is what clamscan's users expect: 0 nothing found, 1 something infected, 2 errors.
RootCommand command = OfflineScanCommand.Create();
ParseResult parsed = command.Parse(args);
InvocationConfiguration invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) };
return await LastResort.RunAsync(
    async () =>
    {
        int exitCode = await parsed.InvokeAsync(invocation);
        return parsed.Errors.Count > 0 ? ExitCodes.Errors : exitCode;
    },
    Console.Error);
