using System.Net;
using System.Net.Sockets;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>The engines that OfflineScan can be asked for.</summary>
public sealed class EngineChoiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("built-in", "Local.Name FOUND")]
    [InlineData("libclamav", "Local.Name.UNOFFICIAL FOUND")]
    [InlineData("libclamav", "Local.Name.UNOFFICIAL FOUND", "--isolate")]
    public void The_sample_is_scanned_by_the_engine_that_was_asked_for(string engine, string found, params string[] more)
    {
        Peer.Require("clamscan");
        WriteDefinitions();

        ProgramRun outcome = OfflineScanProgram.Run(["--sample", "--no-cache", "--engine", engine, "--definitions", _folder["definitions"], .. more]);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(3, outcome.Output.Split('\n').Count(line => line.Contains(found, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("clamd at", "--engine", "clamd", "--clamd", "/nowhere/clamd.ctl")]
    [InlineData("--clamd goes with --engine clamd", "--clamd", "/run/clamd.ctl")]
    [InlineData("--isolate goes with --engine libclamav", "--isolate")]
    [InlineData("clamd has definitions of its own", "--engine", "clamd", "--definitions", "/var/lib/clamav")]
    [InlineData("'mcafee' not recognized", "--engine", "mcafee")]
    [InlineData("is neither the path of a socket nor HOST:PORT", "--engine", "clamd", "--clamd", "somewhere")]
    public void An_engine_that_cannot_be_used_is_an_error_that_says_why(string message, params string[] arguments)
    {
        ProgramRun outcome = OfflineScanProgram.Run(["--sample", .. arguments]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Definitions_are_explained_file_by_file_and_line_by_line()
    {
        WriteDefinitions();
        File.WriteAllText(_folder["definitions/local.ldb"], "Icon;Engine:51-255,Target:1,IconGroup1:X;0;61626364\nWrong;Target:0;3;61626364\n");
        File.WriteAllText(_folder["definitions/local.cbc"], "ClamBC");

        ProgramRun outcome = OfflineScanProgram.Run("--explain-definitions", "--no-cache", "--definitions", _folder["definitions"]);

        Assert.Equal(0, outcome.ExitCode);
        Assert.All(
            [
                "signatures 3 in use, 1 left out, 1 malformed",
                "1 left out: icon groups",
                "line 2, expression: it names subsignatures up to 3, and there are 1",
                "not used: bytecode is not run",
            ],
            text => Assert.Contains(text, outcome.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void Compiled_definitions_are_kept_for_the_next_start_unless_that_is_not_wanted()
    {
        WriteDefinitions();
        string[] arguments = ["--sample", "--definitions", _folder["definitions"]];
        (string, string) environment = ("XDG_DATA_HOME", Directory.CreateDirectory(_folder["home"]).FullName);

        ProgramRun first = OfflineScanProgram.RunWith(environment, [.. arguments, "--no-cache"]);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["home"]));
        ProgramRun second = OfflineScanProgram.RunWith(environment, arguments);
        Assert.Single(Directory.GetFiles(_folder["home"], "*.definitions", SearchOption.AllDirectories));
        ProgramRun third = OfflineScanProgram.RunWith(environment, arguments);

        Assert.Equal([1, 1, 1], [first.ExitCode, second.ExitCode, third.ExitCode]);
    }

    [Fact]
    public void The_address_of_clamd_is_a_path_or_a_host_and_a_port()
    {
        Assert.Equal("/run/clamd.ctl", Assert.IsType<UnixDomainSocketEndPoint>(EngineChoice.TryParseAddress("/run/clamd.ctl")).ToString());
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 3310), EngineChoice.TryParseAddress("127.0.0.1:3310"));
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 3310), EngineChoice.TryParseAddress("[::1]:3310"));
        Assert.Equal(new DnsEndPoint("av.example.com", 3310), EngineChoice.TryParseAddress("av.example.com:3310"));
        Assert.All(["", "host", "host:", "host:0", "host:99999", ":3310", "127.0.0.1"], address => Assert.Null(EngineChoice.TryParseAddress(address)));
    }

    private void WriteDefinitions()
    {
        Directory.CreateDirectory(_folder["definitions"]);
        File.WriteAllText(_folder["definitions/local.hsb"], "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f:68:Local.Name\n");
        File.WriteAllText(_folder["definitions/local.ndb"], "Local.Body:0:*:6e6f2066696c6520686f6c64732074686973\n");
    }
}
