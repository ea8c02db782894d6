using Symantec.Virtualization.Scanning.ClamAv;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>What ends the program when a command could not be carried out: a message and an exit code, whatever went wrong.</summary>
public static class LastResort
{
    /// <summary>Runs a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="errors">Where the message goes.</param>
    /// <returns>The command's exit code, or that of errors.</returns>
    public static async Task<int> RunAsync(Func<Task<int>> command, TextWriter errors)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(errors);
        try
        {
            return await command();
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("Cancelled.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ClamAvException)
        {
            await errors.WriteLineAsync($"Error: {e.Message}");
        }
        catch (Exception e)
        {
            // A defect. A script must still see an exit code that it knows, and not take a crash for an infected image.
            await errors.WriteLineAsync($"The scan could not be ended, by a defect of the program: {e}");
        }

        return ExitCodes.Errors;
    }
}
