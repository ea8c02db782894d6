using System.Text.Json;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.Machines;

/// <summary>The Windows builds of <c>VirtTag</c> and <c>VieTool</c> under Wine: the readers of registry and firmware, and sealing as far as Wine's file system goes.</summary>
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

        ProgramRun run = _windows.VirtTag("--capture", Windows.PathOf(_windows.File("machine.json")), "--json");

        using JsonDocument report = JsonDocument.Parse(run.Output);
        JsonElement tag = report.RootElement.GetProperty("tag");
        string captured = System.IO.File.ReadAllText(_windows.File("machine.json"));
        Assert.Equal("vmware", tag.GetProperty("hypervisor").GetProperty("product").GetString());
        Assert.Equal("avd", tag.GetProperty("desktop").GetProperty("broker").GetString());
        Assert.Contains("MF2Service", captured, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", captured + run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_is_sealed_sealed_again_verified_and_cleared()
    {
        string image = Directory.CreateDirectory(_windows.File("image")).FullName;
        System.IO.File.WriteAllText(Path.Combine(image, "a"), "a");
        System.IO.File.WriteAllText(Path.Combine(image, "b"), "b");
        string root = Windows.PathOf(image);
        string key = Windows.PathOf(_windows.File("vie.pem"));
        string[] generate = [root, "--generate", "--key", key, "--allow-physical", "--no-cache"];

        ProgramRun[] runs =
        [
            _windows.VieTool("--new-key", key),
            _windows.VieTool([.. generate, "--no-marks"]),
            _windows.VieTool(root, "--status", "--key", $"{key}.pub"),
            _windows.VieTool("--volume", root, "--verify", "--key", $"{key}.pub"),
        ];
        Assert.All(runs, static run => Assert.True(run.ExitCode == 0, run.Output));

        // Where there are no named streams, no file takes the place of one. The seal that is gone on from is replaced by the new one.
        System.IO.File.WriteAllText(Path.Combine(image, "c"), "c");
        ProgramRun again = _windows.VieTool(generate);
        Assert.True(again.ExitCode == 0, again.Output);
        Assert.Contains("the file system keeps no named streams", again.Output, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c"], Directory.GetFiles(image).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        System.IO.File.WriteAllText(Path.Combine(image, "a"), "changed");
        ProgramRun changed = _windows.VieTool(root, "--verify", "--key", key);
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains($@"{root}\a: changed", changed.Output, StringComparison.Ordinal);

        Assert.Equal(0, _windows.VieTool(root, "--clear", "--allow-physical").ExitCode);
        Assert.Equal(5, _windows.VieTool(root, "--status", "--key", key).ExitCode);
    }

    [Fact]
    public void A_seal_of_one_system_is_believed_on_the_other()
    {
        string image = Directory.CreateDirectory(_windows.File("shared")).FullName;
        System.IO.File.WriteAllText(Path.Combine(image, "a"), "a");
        string key = _windows.File("shared.pem");
        using (ImageException.SealKey made = ImageException.SealKey.Create())
        {
            System.IO.File.WriteAllText(key, made.ToPem());
        }

        ProgramRun run = _windows.VieTool(Windows.PathOf(image), "--generate", "--key", Windows.PathOf(key), "--allow-physical", "--skip-scan", "--no-marks");

        using ImageException.SealKey read = ImageException.SealKey.FromPem(System.IO.File.ReadAllText(key));
        Assert.Equal(0, run.ExitCode);
        using ImageException.Seal seal = ImageException.Seal.Open(ImageException.SealPlace.Of(image), ImageException.SealTrust.In(read.PublicKey));
        Assert.Equal("a", Assert.Single(seal.Entries()).Path);
    }

    /// <summary>A Windows of the tests' own, with the programs on it.</summary>
    public sealed class Windows : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly Lazy<string> _virtTag;
        private readonly Lazy<string> _vieTool;
        private readonly Lazy<bool> _system;

        public Windows()
        {
            _system = new(Prepare);
            _virtTag = new(() => Publish("VirtTag"));
            _vieTool = new(() => Publish("VieTool"));
        }

        /// <summary>Says a path as Windows does.</summary>
        public static string PathOf(string path) => @"Z:" + path.Replace('/', '\\');

        public string File(string name) => _folder[name];

        public ProgramRun VirtTag(params IEnumerable<string> arguments) => Wine([_virtTag.Value, .. arguments]);

        public ProgramRun VieTool(params IEnumerable<string> arguments) => Wine([_vieTool.Value, .. arguments]);

        public void SetRegistry(string key, string name, string value, string type = "REG_SZ")
        {
            _ = _system.Value;
            Assert.Equal(0, Wine(["reg", "add", key, "/v", name, "/t", type, "/d", value, "/f"]).ExitCode);
        }

        public void Dispose()
        {
            if (_system.IsValueCreated)
            {
                ProgramRun.Of("wineserver", ["-k"], ("WINEPREFIX", _folder["prefix"]));
            }

            _folder.Dispose();
        }

        private bool Prepare()
        {
            // The hardware's part of the registry lives no longer than the server, which stays, and must not keep the test's pipes open.
            Directory.CreateDirectory(_folder["prefix"]);
            Assert.Equal(0, ProgramRun.Of("sh", ["-c", "wineserver -p > /dev/null 2>&1"], ("WINEPREFIX", _folder["prefix"])).ExitCode);
            Assert.Equal(0, Wine(["winecfg", "-v", "win10"]).ExitCode);
            return true;
        }

        private string Publish(string program)
        {
            _ = _system.Value;
            Peer.Run(
                "dotnet", "publish", Path.Combine(Repository.Root, "examples", program, $"{program}.csproj"), "-nologo", "-c", "Release", "-r", "win-x64", "--self-contained",
                "-p:PublishAot=false", $"-p:ArtifactsPath={_folder["artifacts"]}", "-o", _folder[program]);
            return Path.Combine(_folder[program], $"{program}.exe");
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
