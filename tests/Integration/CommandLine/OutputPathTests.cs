using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>A report or a log never replaces the disk that is scanned, nor anything else that is no report.</summary>
public sealed class OutputPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public OutputPathTests()
    {
        File.WriteAllBytes(_folder["disk.raw"], new byte[4096]);
        File.WriteAllText(_folder["disk.vmdk"], "# Disk DescriptorFile\nversion=1\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--report", "disk.raw", "is an image that is to be scanned")]
    [InlineData("--log", "disk.raw", "is an image that is to be scanned")]
    [InlineData("--report", "sub/../disk.raw", "is an image that is to be scanned")]
    [InlineData("--report", "link.jsonl", "is an image that is to be scanned")]
    [InlineData("--log", "linked/disk.raw", "is an image that is to be scanned")]
    [InlineData("--report", "hard.jsonl", "is there and is no report")]
    [InlineData("--log", "hard.jsonl", "is there and is no log")]
    [InlineData("--report", "disk.vmdk", "is there and is no report")]
    [InlineData("--log", "disk.vmdk", "is there and is no log")]
    [InlineData("--report", "/dev/null", "is no regular file")]
    [InlineData("--report", "pipe", "is no regular file")]
    [InlineData("--log", "pipe", "is no regular file")]
    [InlineData("--report", "x.json", "needs x.json.partial, which is there and is no report")]
    public void What_is_no_report_is_not_written_to(string option, string path, string why)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs links and pipes");
        Directory.CreateDirectory(_folder["sub"]);
        File.CreateSymbolicLink(_folder["link.jsonl"], "sub/../disk.raw");
        Directory.CreateSymbolicLink(_folder["linked"], _folder.Path);
        Peer.Run("ln", _folder["disk.raw"], _folder["hard.jsonl"]);
        Peer.Run("mkfifo", _folder["pipe"]);
        File.WriteAllText(_folder["x.json.partial"], "a letter");

        ProgramRun outcome = OfflineScanProgram.Run(_folder["disk.raw"], option, _folder[path]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(why, outcome.Errors, StringComparison.Ordinal);
        Assert.Equal((4096, "a letter"), (File.ReadAllBytes(_folder["disk.raw"]).Length, File.ReadAllText(_folder["x.json.partial"])));
        Assert.StartsWith("# Disk", File.ReadAllText(_folder["disk.vmdk"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_reports_never_share_a_file()
    {
        ProgramRun outcome = OfflineScanProgram.Run("--sample", "--report", _folder["a.json"], "--log", _folder["a.json"]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("is written to already", outcome.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["a.json"]));
    }

    [Fact]
    public void A_report_replaces_an_older_one_and_a_log_is_added_to()
    {
        string[] arguments = ["--sample", "-q", "--report", _folder["a.json"], "--report", _folder["a.jsonl"], "--log", _folder["a.log"]];
        OfflineScanProgram.Run(arguments);
        long first = new FileInfo(_folder["a.log"]).Length;

        Assert.Equal((1, ""), (OfflineScanProgram.Run(arguments).ExitCode, OfflineScanProgram.Run(arguments).Errors));
        Assert.True(new FileInfo(_folder["a.log"]).Length > first);
    }
}
