using Symantec.Virtualization.Examples.ScanHosting;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>However a command ends, the program ends with an exit code that its users know.</summary>
public class LastResortTests
{
    public static TheoryData<Exception, string> Failures => new()
    {
        { new IOException("disk full"), "Error: disk full" },
        { new UnauthorizedAccessException("forbidden"), "Error: forbidden" },
        { new OperationCanceledException(), "Cancelled." },
        { new OverflowException("a sum"), "defect of the program: System.OverflowException: a sum" },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task Whatever_is_thrown_is_a_message_and_the_exit_code_of_errors(Exception failure, string message)
    {
        using StringWriter errors = new();

        Assert.Equal(ExitCodes.Errors, await LastResort.RunAsync(() => Task.FromException<int>(failure), errors));
        Assert.Contains(message, errors.ToString(), StringComparison.Ordinal);
    }
}
