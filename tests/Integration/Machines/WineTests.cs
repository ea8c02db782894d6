using System.Text.Json;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.Machines;

/// <summary>The Windows build of <c>VirtTag</c> under Wine: the readers of registry and firmware at work.</summary>
public sealed class WineTests : IClassFixture<WineTests.Windows>
{
    private readonly Windows _windows;

    public WineTests(Windows windows)
    {
        Peer.Require("wine");
        _windows = windows;
    }

    [Fact]
    public void The_Windows_build_starts_and_answers()
    {
        ProgramRun run = _windows.VirtTag("--json");

        using JsonDocument report = JsonDocument.Parse(run.Output);
        Assert.Equal(0, run.ExitCode);
        Assert.NotEmpty(report.RootElement.GetProperty("tag").GetProperty("machine").GetString()!);
    }

    [Fact]
    public void It_reads_the_firmware_s_words_and_a_broker_s_agent_from_the_registry()
    {
        _windows.SetRegistry(@"HKLM\HARDWARE\DESCRIPTION\System\BIOS", "SystemManufacturer", "VMware, Inc.");
        _windows.SetRegistry(@"HKLM\HARDWARE\DESCRIPTION\System\BIOS", "SystemProductName", "VMware20,1");
        _windows.SetRegistry(@"HKLM\SOFTWARE\Microsoft\RDInfraAgent", "IsRegistered", "1", "REG_DWORD");
        _windows.SetRegistry(@"HKLM\SOFTWARE\Microsoft\RDInfraAgent", "HostPoolId", "a-pool-of-alice");
        _windows.SetRegistry(@"HKLM\SYSTEM\CurrentControlSet\Services\MF2Service", "Start", "2", "REG_DWORD");

        ProgramRun run = _windows.VirtTag("--capture", @"Z:" + _windows.File("machine.json").Replace('/', '\\'), "--json");

        using JsonDocument report = JsonDocument.Parse(run.Output);
        JsonElement tag = report.RootElement.GetProperty("tag");
        string captured = System.IO.File.ReadAllText(_windows.File("machine.json"));
        Assert.Equal("vmware", tag.GetProperty("hypervisor").GetProperty("product").GetString());
        Assert.Equal("avd", tag.GetProperty("desktop").GetProperty("broker").GetString());
        Assert.Contains("MF2Service", captured, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", captured + run.Output, StringComparison.Ordinal);
    }

    /// <summary>A Windows of the tests' own, with the program on it.</summary>
    public sealed class Windows : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Lazy<string> _program;

        public Windows() => _program = new(Prepare);

        public string File(string name) => _folder[name];

        public ProgramRun VirtTag(params IEnumerable<string> arguments) => Wine([_program.Value, .. arguments]);

        public void SetRegistry(string key, string name, string value, string type = "REG_SZ")
        {
            _ = _program.Value;
            Assert.Equal(0, Wine(["reg", "add", key, "/v", name, "/t", type, "/d", value, "/f"]).ExitCode);
        }

        public void Dispose()
        {
            if (_program.IsValueCreated)
            {
                ProgramRun.Of("wineserver", ["-k"], ("WINEPREFIX", _folder["prefix"]));
            }

            _folder.Dispose();
        }

        private string Prepare()
        {
            Peer.Run(
                "dotnet", "publish", Path.Combine(Repository.Root, "examples", "VirtTag", "VirtTag.csproj"), "-nologo", "-c", "Release", "-r", "win-x64", "--self-contained",
                "-p:PublishAot=false", $"-p:ArtifactsPath={_folder["artifacts"]}", "-o", _folder["program"]);
            // The hardware's part of the registry lives no longer than the server, which stays, and must not keep the test's pipes open.
            Directory.CreateDirectory(_folder["prefix"]);
            Assert.Equal(0, ProgramRun.Of("sh", ["-c", "wineserver -p > /dev/null 2>&1"], ("WINEPREFIX", _folder["prefix"])).ExitCode);
            Assert.Equal(0, Wine(["winecfg", "-v", "win10"]).ExitCode);
            return Path.Combine(_folder["program"], "VirtTag.exe");
        }

        /// <summary>Runs a program to its end. What Wine starts beside it lives on and keeps the output open, which is a file therefore, and no pipe.</summary>
        private ProgramRun Wine(IEnumerable<string> arguments)
        {
            ProgramRun run = ProgramRun.Of(
                "sh", ["-c", "output=$1; shift; exec wine \"$@\" > \"$output\" 2> /dev/null", "sh", _folder["output"], .. arguments],
                ("WINEPREFIX", _folder["prefix"]), ("WINEDEBUG", "-all"), ("DISPLAY", ""));
            return run with { Output = System.IO.File.ReadAllText(_folder["output"]) };
        }
    }
}
