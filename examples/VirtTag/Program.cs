using System.CommandLine;
using System.Text.Json;
using Symantec.Virtualization.Examples.VirtTag;

// Tells what the machine is: physical or virtual, under what, in which cloud and container, and why.
ParseResult parsed = VirtTagCommand.Create().Parse(args);
try
{
    int exitCode = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    return parsed.Errors.Count > 0 ? VirtTagCommand.Failed : exitCode;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
{
    Console.Error.WriteLine($"Error: {e.Message}");
    return VirtTagCommand.Failed;
}
