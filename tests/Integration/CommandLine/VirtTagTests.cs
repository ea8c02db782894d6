using System.Text.Json;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>The program <c>VirtTag</c> on the machine that runs the tests, whatever that is.</summary>
public sealed class VirtTagTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_answers_what_the_library_answers()
    {
        VirtualizationTag tag = new VirtualizationDetector().Detect();

        ProgramRun text = Run();
        ProgramRun json = Run("--json");

        Assert.Equal((0, ""), (text.ExitCode, text.Errors));
        Assert.StartsWith($"Machine:       {tag.Machine.ToString().ToLowerInvariant()}", text.Output, StringComparison.Ordinal);
        Assert.Equal(tag.Hypervisor, TagReport.Parse(System.Text.Encoding.UTF8.GetBytes(json.Output)).Tag.Hypervisor);
    }

    [Fact]
    public void A_captured_machine_is_answered_alike_elsewhere()
    {
        string file = _folder["machine.json"];

        ProgramRun here = Run("--explain", "--capture", file);
        ProgramRun elsewhere = Run("--explain", "--replay", file);

        Assert.Equal((0, 0), (here.ExitCode, elsewhere.ExitCode));
        Assert.Equal(here.Output, elsewhere.Output);
        Assert.True(EvidenceSnapshot.Parse(File.ReadAllBytes(file)).Redacted);
    }

    [Fact]
    public void Every_answer_is_explained()
    {
        string output = Run("--explain").Output;

        Assert.Contains("Machine: ", output, StringComparison.Ordinal);
        Assert.Contains("  + ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Dell Inc.", "Latitude", "none", 1)]
    [InlineData("VMware, Inc.", "VMware7,1", "vmware", 0)]
    public void With_systemd_s_words_come_its_exit_codes(string vendor, string product, string word, int exitCode)
    {
        EvidenceSnapshot snapshot = new() { Smbios = new() { SysVendor = vendor, ProductName = product } };
        File.WriteAllBytes(_folder["machine.json"], snapshot.ToJson());

        ProgramRun run = Run("--systemd", "vm", "--replay", _folder["machine.json"]);

        Assert.Equal((exitCode, word), (run.ExitCode, run.Output.Trim()));
    }

    [Theory]
    [InlineData("Error: ", "--replay", "/no/such/file")]
    [InlineData("Choose one of", "--json", "--explain")]
    [InlineData("Argument 'everything' not recognized", "--systemd", "everything")]
    public void A_command_line_that_is_wrong_is_an_error_that_says_why(string message, params string[] arguments)
    {
        ProgramRun run = Run(arguments);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Errors + run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_snapshot_is_refused_by_what_is_wrong()
    {
        File.WriteAllText(_folder["machine.json"], """{ "version": 7 }""");

        ProgramRun run = Run("--replay", _folder["machine.json"]);

        Assert.Equal((2, "Error: version: 7 is not 1, the only version that is known here."), (run.ExitCode, run.Errors.Trim()));
    }

    [Fact]
    public void Without_root_it_answers_as_well()
    {
        Peer.Require("setpriv");
        Peer.RequireRoot();

        ProgramRun root = Run("--json");
        ProgramRun user = ProgramRun.Of("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "dotnet", Program, "--json"], ("DOTNET_CLI_HOME", _folder.Path));

        if (user.ExitCode != 0)
        {
            Assert.Skip("the program's files are closed to other users here");
        }

        using JsonDocument asRoot = JsonDocument.Parse(root.Output);
        using JsonDocument asUser = JsonDocument.Parse(user.Output);
        string Machine(JsonDocument report) => report.RootElement.GetProperty("tag").GetProperty("machine").GetString()!;
        Assert.Contains(Machine(asUser), new[] { Machine(asRoot), "unknown" });
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "VirtTag.dll");

    private static ProgramRun Run(params IEnumerable<string> arguments) => ProgramRun.Of("dotnet", [Program, .. arguments]);
}
