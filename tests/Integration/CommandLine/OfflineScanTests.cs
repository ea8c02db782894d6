using System.Globalization;
using System.Text.Json;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>What users of the program see: on the sample disk, which needs no peer.</summary>
public sealed class OfflineScanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_sample_is_scanned_and_EICAR_found_in_both_volumes_and_in_a_hidden_stream()
    {
        ProgramRun outcome = OfflineScanProgram.Run("--sample");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(
            ["p1/Users/alice/Documents/notes.txt:hidden", "p1/Users/alice/Downloads/eicar.com", "p2/Old files/eicar.com"],
            outcome.Output.Split('\n').Where(static line => line.Contains("Eicar-Test-Signature FOUND", StringComparison.Ordinal))
                .Select(static line => line[(line.IndexOf("!/", StringComparison.Ordinal) + 2)..line.LastIndexOf(": ", StringComparison.Ordinal)])
                .Order(StringComparer.Ordinal));
        Assert.Contains("NTFS 3.1 \"System\"", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("FAT32 \"BACKUP\"", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(outcome.Errors);
    }

    [Fact]
    public void It_says_which_definitions_it_uses()
    {
        List<string> warnings = [];
        DefinitionSet chosen = DefinitionChoice.Load(null, new SignatureLoadOptions(), warnings.Add, cancellationToken: TestContext.Current.CancellationToken).Definitions;

        string output = OfflineScanProgram.Run("--sample").Output;

        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Definitions: {chosen.SignatureCount:N0} signatures, {chosen.Version}, from {chosen.Source}"), output, StringComparison.Ordinal);
        Assert.All(warnings, warning => Assert.Contains(warning, output, StringComparison.Ordinal));
    }

    [Fact]
    public void Named_definitions_are_used_and_what_is_not_used_of_them_is_said()
    {
        File.WriteAllText(_folder["local.hsb"], "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f:68:Local.Name\nbroken line\n");
        File.WriteAllText(_folder["main.cvd"], "");

        ProgramRun outcome = OfflineScanProgram.Run("--sample", "--definitions", _folder.Path);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains($"Definitions: 2 signatures", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Local.Name FOUND", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"it does not begin with the header of a container of definitions: {_folder["main.cvd"]}", outcome.Output, StringComparison.Ordinal);
        Assert.Contains($"1 malformed lines, the first: {_folder["local.hsb"]}:2: line: 1 fields", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("empty")]
    public void Definitions_that_cannot_be_used_are_an_error_and_not_replaced_by_others(string folder)
    {
        Directory.CreateDirectory(_folder["empty"]);

        ProgramRun outcome = OfflineScanProgram.Run("--sample", "--definitions", _folder[folder]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(_folder[folder], outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("FOUND", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_printed_when_quiet_and_the_exit_code_tells()
    {
        ProgramRun outcome = OfflineScanProgram.Run("--sample", "--quiet", "--log", _folder["scan.log"]);

        Assert.Equal((1, "", ""), (outcome.ExitCode, outcome.Output, outcome.Errors));
        Assert.Equal(3, File.ReadLines(_folder["scan.log"]).Count(static line => line.EndsWith("Eicar-Test-Signature FOUND", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_file_can_be_explained_from_the_lines_of_a_report()
    {
        OfflineScanProgram.Run("--sample", "--quiet", "--hash", "--report", _folder["scan.jsonl"]);

        ProgramRun outcome = OfflineScanProgram.Run("explain", _folder["scan.jsonl"], "Windows/win.ini");

        using JsonDocument entry = JsonDocument.Parse(outcome.Output);
        Assert.Equal("clean", entry.RootElement.GetProperty("verdict").GetString());
        Assert.EndsWith("p1/Program Files/Vendor/win.ini", entry.RootElement.GetProperty("otherLocations")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(2, OfflineScanProgram.Run("explain", _folder["scan.jsonl"], "no/such/file").ExitCode);
    }

    [Theory]
    [InlineData("Name an image to scan")]
    [InlineData("--threads takes a number from 1 to 256", "--sample", "--threads", "0")]
    [InlineData("Unrecognized option '--no-such-option'", "--sample", "--no-such-option")]
    public void A_command_line_that_is_wrong_is_an_error_that_says_why(string message, params string[] arguments)
    {
        ProgramRun outcome = OfflineScanProgram.Run(arguments);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Errors + outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_is_not_there_is_an_error_and_the_others_are_scanned()
    {
        ProgramRun outcome = OfflineScanProgram.Run("--sample", _folder["nothing.vmdk"]);

        Assert.Contains($"{_folder["nothing.vmdk"]}: ERROR: Could not find file", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(2, OfflineScanProgram.Run(_folder["nothing.vmdk"]).ExitCode);
    }

    [Fact]
    public void A_report_that_cannot_be_written_is_an_error()
    {
        ProgramRun outcome = OfflineScanProgram.Run("--sample", "--report", _folder["no/such/folder/report.json"]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("Error:", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_help_names_every_exit_code_and_option()
    {
        string help = OfflineScanProgram.Run("--help").Output;

        Assert.Contains("0 nothing found, 1 something infected, 2 errors", help, StringComparison.Ordinal);
        Assert.All(
            ["--engine", "--clamd", "--isolate", "--definitions", "--explain-definitions", "--signed-only", "--no-cache", "--pua", "--report", "--log", "--all", "--hash", "--allow-folder", "--threads", "--quiet", "--sample", "explain"],
            option => Assert.Contains(option, help, StringComparison.Ordinal));
    }
}
