using System.Globalization;
using System.Text;
using System.Text.Json;
using Symantec.Virtualization.Examples.VieTool;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Integration.CommandLine;

/// <summary>What users of the program see.</summary>
public sealed class VieToolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VieToolProgram _tool;
    private readonly string _image;

    public VieToolTests()
    {
        _tool = new VieToolProgram(_folder);
        _image = Directory.CreateDirectory(_folder["image"]).FullName;
    }

    public static TheoryData<string> Kinds => ["ext4", "ntfs"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_mode_does_its_work_on_a_real_file_system(string kind)
    {
        using LoopVolume volume = LoopVolume.Make(kind, _folder, megabytes: 64);
        Directory.CreateDirectory(volume["folder"]);
        File.WriteAllText(volume["a"], "a");
        File.WriteAllText(volume["folder/b"], "b");

        ProgramRun before = _tool.Status(volume.Path);
        ProgramRun generate = _tool.Generate(volume.Path, "--report", _folder["generate.json"]);
        ProgramRun status = _tool.Status(volume.Path, "--report", _folder["status.json"]);
        ProgramRun verify = _tool.Verify(volume.Path, "--report", _folder["verify.json"]);
        ProgramRun hash = VieToolProgram.Run("--volume", volume.Path, "--hash", "--report", _folder["hash.json"]);

        Assert.Equal([5, 0, 0, 0, 0], new[] { before, generate, status, verify, hash }.Select(static run => run.ExitCode));
        Assert.All(new[] { before, generate, status, verify, hash }, static run => Assert.Empty(run.Errors));
        JsonElement sealing = Summary("generate.json");
        Assert.Equal((2, 2, 1), (sealing.GetProperty("sealed").GetInt32(), sealing.GetProperty("marksWritten").GetInt32(), sealing.GetProperty("sealNumber").GetInt32()));
        JsonElement told = Summary("status.json");
        Assert.Equal((true, 2, Environment.MachineName), (told.GetProperty("signatureGood").GetBoolean(), told.GetProperty("files").GetInt32(), told.GetProperty("sealedBy").GetString()));
        Assert.All(["rootHash", "keyId", "imageId", "sealId", "sealedAt", "engine", "definitions"], name => Assert.Equal(sealing.GetProperty(name).GetString(), told.GetProperty(name).GetString()));
        Assert.Equal((2, true), (Summary("verify.json").GetProperty("unchanged").GetInt32(), Summary("verify.json").GetProperty("intact").GetBoolean()));
        JsonElement hashed = VieToolProgram.Read(_folder["hash.json"]).GetProperty("files").EnumerateArray().Single(static file => file.GetProperty("location").GetString()!.EndsWith("/b", StringComparison.Ordinal));
        Assert.Equal((ContentHash.Compute("b"u8).ToString(), 1), (hashed.GetProperty("sha256").GetString(), hashed.GetProperty("identity").GetProperty("size").GetInt32()));

        ProgramRun part = VieToolProgram.Clear(volume["folder"]);
        Assert.Equal((0, false, true), (part.ExitCode, VieToolProgram.MarkOf(volume["folder/b"]).HasValue, VieToolProgram.MarkOf(volume["a"]).HasValue));
        Assert.Equal(1, _tool.Verify(volume.Path).ExitCode);
        ProgramRun clear = VieToolProgram.Clear(volume.Path);

        Assert.Equal((0, null, false), (clear.ExitCode, VieToolProgram.MarkOf(volume["a"]), Directory.Exists(volume[SealPlace.Folder])));
        Assert.Equal(5, _tool.Verify(volume.Path).ExitCode);
    }

    [Fact]
    public void After_a_patch_only_what_changed_is_scanned_and_marked()
    {
        Fill(20);
        _tool.Generate(_image);
        File.WriteAllText(Image("file3"), "patched");
        File.WriteAllText(Image("new"), "new");
        File.Delete(Image("file7"));

        ProgramRun run = _tool.Generate(_image, "--report", _folder["second.json"], "--verbose");

        JsonElement summary = Summary("second.json");
        Assert.Equal((0, 20, 18, 2, 2), (run.ExitCode, Number("sealed"), Number("carriedOver"), Number("marksWritten"), Number("sealNumber")));
        Assert.Equal(18, run.Output.Split('\n').Count(static line => line.EndsWith(": carried over", StringComparison.Ordinal)));
        Assert.Equal(0, _tool.Verify(_image).ExitCode);

        int Number(string name) => summary.GetProperty(name).GetInt32();
    }

    [Fact]
    public void An_infected_file_is_told_of_and_not_sealed_and_the_exit_code_is_1()
    {
        Fill(2);
        File.WriteAllBytes(Image("eicar.com"), Eicar.Bytes);

        ProgramRun run = _tool.Generate(_image, "--report", _folder["r.jsonl"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{Image("eicar.com")}: infected: ", run.Output, StringComparison.Ordinal);
        Assert.Null(VieToolProgram.MarkOf(Image("eicar.com")));
        JsonElement[] lines = [.. File.ReadLines(_folder["r.jsonl"]).Select(static line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(("begin", "end"), (lines[0].GetProperty("entry").GetString(), lines[^1].GetProperty("entry").GetString()));
        Assert.Equal((2, 1, 1), (lines[^1].GetProperty("sealed").GetInt32(), lines[^1].GetProperty("infected").GetInt32(), lines[^1].GetProperty("exitCode").GetInt32()));
        Assert.Equal(3, lines.Count(static line => line.GetProperty("entry").GetString() == "file"));
    }

    [Fact]
    public void With_stop_the_first_infected_file_ends_the_run_and_nothing_counts_as_sealed()
    {
        File.WriteAllBytes(Image("eicar.com"), Eicar.Bytes);

        ProgramRun run = _tool.Generate(_image, "--stop");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Stopped at the first file that is amiss", run.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(SealPlace.Of(_image)));
        Assert.Contains("--generate goes on from it", _tool.Status(_image).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("changed", 1)]
    [InlineData("touched", 1)]
    [InlineData("missing", 1)]
    [InlineData("unmarked", 1)]
    [InlineData("new", 0)]
    public void What_differs_from_the_seal_is_named(string what, int exitCode)
    {
        Fill(3);
        _tool.Generate(_image);
        switch (what)
        {
            case "changed": File.AppendAllText(Image("file1"), "more"); break;
            case "touched": File.SetLastWriteTimeUtc(Image("file1"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc)); break;
            case "missing": File.Delete(Image("file1")); break;
            case "unmarked": SealRemover.ClearMarks(Image("file1"), static _ => { }, cancellationToken: TestContext.Current.CancellationToken); break;
            default: File.WriteAllText(Image("new"), "new"); break;
        }

        ProgramRun run = _tool.Verify(_image, "--verbose");

        Assert.Equal(exitCode, run.ExitCode);
        string line = what switch
        {
            "changed" => $"{Image("file1")}: changed",
            "touched" or "unmarked" => $"{Image("file1")}: same content, other times",
            "missing" => $"{Image("file1")}: missing",
            _ => $"{Image("new")}: not in the seal",
        };
        Assert.Contains(line, run.Output.Split('\n'));
    }

    [Fact]
    public void A_part_of_what_was_sealed_can_be_verified_alone()
    {
        Directory.CreateDirectory(Image("part"));
        Fill(2);
        File.WriteAllText(Image("part/x"), "x");
        _tool.Generate(_image);

        Assert.Equal(0, _tool.Verify(Image("part"), "--seal", SealPlace.Of(_image)).ExitCode);
        Assert.Equal(5, _tool.Verify(Image("part")).ExitCode);
    }

    [Fact]
    public void A_seal_that_is_not_believed_is_refused_by_its_reason()
    {
        Fill(2);
        _tool.Generate(_image);
        ProgramRun otherKey = VieToolProgram.Run(_image, "--verify", "--key", NewKey("other") + ".pub");
        byte[] bytes = File.ReadAllBytes(SealPlace.Of(_image));
        bytes[^1] ^= 1;
        File.WriteAllBytes(SealPlace.Of(_image), bytes);

        ProgramRun edited = _tool.Verify(_image);
        ProgramRun status = _tool.Status(_image, "--report", _folder["status.json"]);

        Assert.Equal((1, 1, 1), (otherKey.ExitCode, edited.ExitCode, status.ExitCode));
        Assert.Contains("none of the 1 that are trusted", otherKey.Output, StringComparison.Ordinal);
        Assert.Contains("not the ones that were signed", edited.Output, StringComparison.Ordinal);
        Assert.Equal("edited", Summary("status.json").GetProperty("refusal").GetString());
    }

    [Theory]
    [InlineData("Choose one of --generate", "IMAGE")]
    [InlineData("--generate and --verify do not go together", "IMAGE", "--generate", "--verify", "--key", "k")]
    [InlineData("--generate and --clear do not go together", "IMAGE", "--generate", "--clear", "--key", "k")]
    [InlineData("Name the volume or folder.", "--clear")]
    [InlineData("Name the volume or folder once", "IMAGE", "--volume", "IMAGE", "--clear")]
    [InlineData("--generate signs with a private key", "IMAGE", "--generate")]
    [InlineData("--verify believes no seal without a key", "IMAGE", "--verify")]
    [InlineData("--status believes no seal without a key", "IMAGE", "--status")]
    [InlineData("--key does not go with --clear", "IMAGE", "--clear", "--key", "k")]
    [InlineData("--skip-scan does not go with --verify", "IMAGE", "--verify", "--key", "k", "--skip-scan")]
    [InlineData("--skip-scan scans nothing", "IMAGE", "--generate", "--key", "k", "--skip-scan", "--scan-all")]
    [InlineData("--memo does not go with --generate", "IMAGE", "--generate", "--key", "k", "--memo", "m")]
    [InlineData("--report takes a name that ends in .json, .jsonl or .csv", "IMAGE", "--hash", "--report", "r.xml")]
    [InlineData("--threads takes a number from 1 to 256", "IMAGE", "--hash", "--threads", "0")]
    [InlineData("--new-key takes no volume", "IMAGE", "--new-key", "k")]
    [InlineData("--new-key takes a value, and --help is an option", "--new-key", "--help")]
    [InlineData("--log takes a value, and -q is an option", "IMAGE", "--hash", "--log", "-q")]
    [InlineData("Unrecognized", "--frobnicate", "--clear")]
    public void A_command_line_that_is_wrong_is_refused_with_the_reason_and_4(string message, params string[] arguments)
    {
        ProgramRun run = VieToolProgram.Run(arguments.Select(argument => argument == "IMAGE" ? _image : argument));

        Assert.Equal(4, run.ExitCode);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_image));
    }

    [Theory]
    [InlineData("is not there", "/no/such/volume", "--hash")]
    [InlineData("is a file: volumes and folders are sealed", "KEY", "--generate", "--key", "KEY")]
    [InlineData("holds a public key, and no private one", "IMAGE", "--generate", "--key", "KEY.pub", "--allow-physical")]
    [InlineData("cannot be used", "IMAGE", "--verify", "--key", "IMAGE/file0")]
    [InlineData("is there and is no seal", "IMAGE", "--generate", "--key", "KEY", "--seal", "KEY")]
    [InlineData("is there and is no seal", "IMAGE", "--clear", "--seal", "IMAGE/file0")]
    [InlineData("is there and is no memo", "IMAGE", "--hash", "--memo", "IMAGE/file0")]
    [InlineData("is the key", "IMAGE", "--verify", "--key", "KEY", "--log", "KEY")]
    [InlineData("is there and is no report", "IMAGE", "--hash", "--report", "CSV")]
    public void What_cannot_be_done_is_an_error_that_says_why_and_replaces_nothing(string message, params string[] arguments)
    {
        Fill(1);
        File.WriteAllText(_folder["letter.csv"], "Dear madam");
        string key = File.ReadAllText(_tool.Key);

        ProgramRun run = VieToolProgram.Run(arguments.Select(argument => argument
            .Replace("IMAGE", _image, StringComparison.Ordinal).Replace("KEY", _tool.Key, StringComparison.Ordinal).Replace("CSV", _folder["letter.csv"], StringComparison.Ordinal)));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.Equal((key, "0", "Dear madam"), (File.ReadAllText(_tool.Key), File.ReadAllText(Image("file0")), File.ReadAllText(_folder["letter.csv"])));
    }

    [Fact]
    public void Silent_prints_nothing_and_the_log_and_the_reports_tell_all()
    {
        Fill(2);
        File.WriteAllBytes(Image("eicar.com"), Eicar.Bytes);

        ProgramRun run = _tool.Generate(_image, "--silent", "--log", _folder["run.log"], "--report", _folder["run.csv"]);
        ProgramRun error = VieToolProgram.Run(_image, "--verify", "--silent", "--key", Image("file0"), "--log", _folder["run.log"]);

        Assert.Equal((1, "", ""), (run.ExitCode, run.Output, run.Errors));
        Assert.Equal((2, "", ""), (error.ExitCode, error.Output, error.Errors));
        string log = File.ReadAllText(_folder["run.log"]);
        Assert.All(["eicar.com: infected", "Sealed, without what is infected.", "Error: The key in"], text => Assert.Contains(text, log, StringComparison.Ordinal));
        Assert.Contains("end,exitCode,,1,,,,,,,,,", File.ReadAllLines(_folder["run.csv"]));
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("a,b", "a,b")]
    [InlineData("say \"x\"", "say \"x\"")]
    [InlineData("\t=1", "\\u{0009}=1")]
    [InlineData("x\r\n=1", "x\\u{000D}\\u{000A}=1")]
    [InlineData("\u202Egpj.exe", "\\u{202E}gpj.exe")]
    public void No_name_becomes_a_formula_a_second_cell_or_a_second_row_of_a_table(string name, string shown)
    {
        string cell = CsvWriter.Cell(name);

        Assert.Equal(shown, cell.StartsWith('"') ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : cell);
        Assert.True(!cell.AsSpan().ContainsAny("\",") || (cell[0] == '"' && cell[^1] == '"'));
    }

    [Fact]
    public void A_private_key_in_the_image_is_refused_unless_that_is_wanted()
    {
        Fill(1);
        File.Copy(_tool.Key, Image("key.pem"));
        Directory.CreateSymbolicLink(_folder["way"], _image);
        string[] arguments = [_image, "--generate", "--key", Path.Combine(_folder["way"], "key.pem"), "--allow-physical", "--skip-scan"];

        ProgramRun refused = VieToolProgram.Run(arguments);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("every clone could sign with it", refused.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Image(SealPlace.Folder)));

        Assert.Equal(0, VieToolProgram.Run([.. arguments, "--allow-key-in-image"]).ExitCode);
    }

    [Fact]
    public void A_key_on_a_volume_that_is_mounted_below_the_image_is_not_in_it()
    {
        using LoopVolume volume = LoopVolume.Make("ext4", _folder, megabytes: 32);
        Directory.CreateDirectory(volume["stick"]);
        Peer.Run("mount", "-t", "tmpfs", "none", volume["stick"]);
        try
        {
            File.Copy(_tool.Key, volume["stick/key.pem"]);
            File.WriteAllText(volume["file"], "x");

            Assert.Equal(0, VieToolProgram.Run(volume.Path, "--generate", "--key", volume["stick/key.pem"], "--allow-physical", "--skip-scan").ExitCode);
            Assert.Null(VieToolProgram.MarkOf(volume["stick/key.pem"]));
        }
        finally
        {
            Peer.Run("umount", volume["stick"]);
        }
    }

    [Fact]
    public void A_new_key_is_its_owner_s_alone_and_replaces_nothing()
    {
        string key = NewKey("mine");

        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(key) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        string before = File.ReadAllText(key);
        ProgramRun again = VieToolProgram.Run("--new-key", key);
        File.Delete(key);
        ProgramRun withPublicLeft = VieToolProgram.Run("--new-key", key);

        Assert.Equal((2, 2, false), (again.ExitCode, withPublicLeft.ExitCode, File.Exists(key)));
        Assert.Contains("a key is never replaced", again.Errors, StringComparison.Ordinal);
        Assert.Contains("BEGIN PRIVATE KEY", before, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encrypted_key_takes_its_password_from_a_file_or_the_environment()
    {
        Fill(1);
        File.WriteAllText(_folder["password"], "open sesame\n");
        string[] generate = [_image, "--generate", "--key", _folder["secret"], "--allow-physical", "--skip-scan"];

        ProgramRun made = VieToolProgram.Run("--new-key", _folder["secret"], "--key-password-file", _folder["password"]);
        ProgramRun without = VieToolProgram.Run(generate);
        ProgramRun wrong = VieToolProgram.RunWith(("VIETOOL_KEY_PASSWORD", "open barley"), generate);
        ProgramRun byEnvironment = VieToolProgram.RunWith(("VIETOOL_KEY_PASSWORD", "open sesame"), generate);
        ProgramRun byFile = VieToolProgram.Run([.. generate, "--key-password-file", _folder["password"]]);
        ProgramRun verified = VieToolProgram.Run(_image, "--verify", "--key", _folder["secret"], "--key-password-file", _folder["password"]);

        Assert.Equal([0, 2, 2, 0, 0, 0], new[] { made, without, wrong, byEnvironment, byFile, verified }.Select(static run => run.ExitCode));
        Assert.Contains("BEGIN ENCRYPTED PRIVATE KEY", File.ReadAllText(_folder["secret"]), StringComparison.Ordinal);
        Assert.Contains("no password was given", without.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MachineKind.Physical, PartitionRole.None, "This is a physical machine", 3)]
    [InlineData(MachineKind.Physical, PartitionRole.Host, "This is a physical machine", 3)]
    [InlineData(MachineKind.Virtual, PartitionRole.Root, "This system is the root of a hypervisor", 3)]
    [InlineData(MachineKind.Unknown, PartitionRole.None, "cannot be told", 3)]
    [InlineData(MachineKind.Virtual, PartitionRole.Guest, "", 0)]
    [InlineData(MachineKind.Virtual, PartitionRole.L1vh, "", 0)]
    public async Task Only_a_virtual_machine_is_sealed_and_cleared_unless_more_is_allowed(MachineKind kind, PartitionRole role, string why, int exitCode)
    {
        Fill(1);
        string[] generate = [_image, "--generate", "--key", _tool.Key, "--skip-scan", "--silent"];
        string[] clear = [_image, "--clear", "--silent"];

        int sealing = await On([.. generate, "--report", _folder["r.json"]]);
        Assert.Equal(exitCode, sealing);
        Assert.Contains(why, Summary("r.json").GetProperty("outcome").GetString(), StringComparison.Ordinal);
        Assert.Equal(exitCode == 0, VieToolProgram.MarkOf(Image("file0")).HasValue);

        Assert.Equal(0, await On([.. generate, "--allow-physical"]));
        Assert.Equal(exitCode, await On(clear));
        Assert.Equal(exitCode != 0, VieToolProgram.MarkOf(Image("file0")).HasValue);

        // What changes nothing is done anywhere.
        Assert.Equal(0, await On([_image, "--hash", "--silent"]));
        Assert.Equal(exitCode == 0 ? 5 : 0, await On([_image, "--status", "--silent", "--key", _tool.PublicKey]));
        Assert.Equal(exitCode == 0 ? 5 : 0, await On([_image, "--verify", "--silent", "--key", _tool.PublicKey]));

        Task<int> On(string[] arguments)
            => Examples.VieTool.VieToolProgram.RunAsync(arguments, () => new VirtualizationTag { Machine = kind, Role = role }, TextWriter.Null);
    }

    [Fact]
    public void Hashes_go_into_a_memo_that_a_client_s_session_believes()
    {
        Fill(3);
        foreach (string file in Directory.GetFiles(_image))
        {
            // The memo takes no file that could still change within a tick of its clock; the time of change is the system's.
            File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        Assert.True(SpinWait.SpinUntil(() => Directory.GetFiles(_image).All(static file => Changed(file) < DateTime.UtcNow - TimeSpan.FromSeconds(2.5)), TimeSpan.FromSeconds(30)));

        ProgramRun run = VieToolProgram.Run(_image, "--hash", "--memo", _folder["hashes.memo"], "--report", _folder["hash.json"]);

        using PersistentHashMemo memo = new(_folder["hashes.memo"]);
        using LiveFile file1 = LiveFile.Find(Image("file1"));
        Assert.Equal((0, 3, 3), (run.ExitCode, memo.Count, Summary("hash.json").GetProperty("remembered").GetInt32()));
        Assert.True(memo.TryGet(file1.Identity!, out ContentHash hash));
        Assert.Equal(ContentHash.Compute("1"u8), hash);
    }

    [Fact]
    public void The_outputs_of_a_run_are_never_sealed()
    {
        Fill(1);

        ProgramRun run = _tool.Generate(_image, "--log", Image("run.log"), "--report", Image("run.csv"), "--report", Image("run.jsonl"), "--verbose", "--exclude", Image("left"));

        Assert.Equal(0, run.ExitCode);
        using Seal seal = Seal.Open(SealPlace.Of(_image), _tool.Trust);
        Assert.Equal(["file0"], seal.Entries().Select(static entry => entry.Path));
        Assert.Equal(0, _tool.Verify(_image, "--log", Image("run.log")).ExitCode);
    }

    [Fact]
    public void What_is_excluded_is_neither_sealed_nor_missed()
    {
        Directory.CreateDirectory(Image("cache"));
        File.WriteAllText(Image("cache/x"), "x");
        Fill(1);

        Assert.Equal(0, _tool.Generate(_image, "--exclude", Image("cache")).ExitCode);
        Assert.Null(VieToolProgram.MarkOf(Image("cache/x")));
        Assert.Equal(0, _tool.Generate(_image).ExitCode);
        File.Delete(Image("cache/x"));

        Assert.Equal((1, 0), (_tool.Verify(_image).ExitCode, _tool.Verify(_image, "--exclude", Image("cache")).ExitCode));
    }

    [Fact]
    public void A_link_as_the_root_is_what_it_leads_to()
    {
        Fill(2);
        Directory.CreateSymbolicLink(_folder["link"], _image);

        Assert.Equal(0, _tool.Generate(_folder["link"]).ExitCode);
        Assert.Equal(0, _tool.Verify(_image).ExitCode);
        using Seal seal = Seal.Open(SealPlace.Of(_image), _tool.Trust);
        Assert.Equal(["file0", "file1"], seal.Entries().Select(static entry => entry.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Without_marks_the_seal_alone_serves_and_that_is_said()
    {
        Fill(2);

        ProgramRun run = _tool.Generate(_image, "--no-marks");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("No marks, the seal serves:  none were asked for", run.Output, StringComparison.Ordinal);
        Assert.Null(VieToolProgram.MarkOf(Image("file0")));
        Assert.Equal(0, _tool.Verify(_image).ExitCode);
    }

    [Fact]
    public void Names_of_odd_bytes_are_sealed_verified_shown_harmlessly_and_cleared()
    {
        using LoopVolume volume = LoopVolume.Make("ext4", _folder, megabytes: 32);
        Peer.Run("sh", "-c", "cd \"$1\" && printf x > \"$(printf 'a\\377b')\" && printf y > \"$(printf 'c\\nd')\" && printf z > \"$(printf '\\033[31mred')\" && printf w > '=cmd|x'", "sh", volume.Path);

        ProgramRun generate = _tool.Generate(volume.Path, "--verbose", "--report", _folder["odd.csv"]);
        ProgramRun verify = _tool.Verify(volume.Path, "--verbose");

        Assert.Equal((0, 0), (generate.ExitCode, verify.ExitCode));
        Assert.DoesNotContain('\x1B', generate.Output + verify.Output + File.ReadAllText(_folder["odd.csv"]));
        Assert.Contains("c\\u{000A}d", generate.Output, StringComparison.Ordinal);
        using (Seal seal = Seal.Open(SealPlace.Of(volume.Path), _tool.Trust))
        {
            Assert.Equal(4, seal.Count);
        }

        Assert.Equal(0, VieToolProgram.Clear(volume.Path).ExitCode);
        Assert.DoesNotContain("Symantec", Peer.Run("getfattr", "-R", "-h", volume.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_vanish_or_change_while_they_are_read_are_not_sealed_and_the_run_goes_on()
    {
        const int Count = 2000;
        Fill(Count);
        using System.Diagnostics.Process process = VieToolProgram.Start([.. _tool.GenerateArguments(_image), "--verbose", "--report", _folder["busy.json"]]);
        int changed = 0;
        int lines = 0;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines += line.EndsWith(": clean", StringComparison.Ordinal) ? 1 : 0;
            if (lines % 100 == 1 && changed < 40)
            {
                // One that was scanned already, and one that is still to come or was as well.
                File.AppendAllText(Image($"file{changed * 40}"), "changed");
                File.Delete(Image($"file{(changed * 40) + 1}"));
                changed++;
            }
        }

        process.WaitForExit();
        ProgramRun next = _tool.Generate(_image);

        Assert.InRange(process.ExitCode, 0, 2);
        Assert.NotEqual(1, process.ExitCode);
        Assert.Empty(_tool.Uncovered(_image));
        Assert.Equal((0, 0), (next.ExitCode, _tool.Verify(_image).ExitCode));
    }

    [Fact]
    public async Task A_run_that_is_told_to_end_keeps_its_work_and_says_how_to_go_on()
    {
        const int Count = 6000;
        Fill(Count);
        using System.Diagnostics.Process process = VieToolProgram.Start([.. _tool.GenerateArguments(_image), "--verbose", "--threads", "1"]);
        StringBuilder output = new();
        for (int lines = 0; process.StandardOutput.ReadLine() is { } line;)
        {
            output.AppendLine(line);
            if (++lines == 500)
            {
                // It cannot reach its end before it has heard: nobody reads what it says meanwhile. Not an interrupt, which is ignored by all that a shell has started in the background.
                Peer.Run("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
                await UntilItRestsAsync(process);
            }
        }

        process.WaitForExit();
        Assert.Equal(2, process.ExitCode);
        Assert.Contains("run the same command again, and it goes on from there", output.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(SealPlace.Of(_image)));
        ProgramRun next = _tool.Generate(_image, "--report", _folder["next.json"]);

        Assert.Equal(0, next.ExitCode);
        Assert.InRange(Summary("next.json").GetProperty("carriedOver").GetInt32(), 400, Count);
    }

    [Fact]
    public void The_help_names_every_exit_code_and_option()
    {
        string help = VieToolProgram.Run("--help").Output;

        Assert.All(["0 everything", "1 something is infected", "2 errors", "3 this is not a virtual machine", "4 the command line is wrong", "5 there is no seal"], text => Assert.Contains(text, help, StringComparison.Ordinal));
        Assert.All(
            [
                "--volume", "--generate", "--verify", "--clear", "--hash", "--status", "--new-key", "--key", "--key-password-file", "--allow-key-in-image", "--seal", "--skip-scan",
                "--scan-all", "--no-marks", "--exclude", "--engine", "--definitions", "--threads", "--report", "--log", "--memo", "--allow-physical", "--stop", "--silent", "--verbose",
            ],
            option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    /// <summary>Waits until a process does nothing, a tenth of a second long, or has ended.</summary>
    private static Task UntilItRestsAsync(System.Diagnostics.Process process)
    {
        int rested = 0;
        return Wait.UntilAsync(() => process.HasExited || (rested = Rests(process) ? rested + 1 : 0) > 20, "the program waits to be read");
    }

    private static bool Rests(System.Diagnostics.Process process)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{process.Id}/task").All(static task => File.ReadAllText(Path.Combine(task, "stat")).Contains(") S ", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // A thread has ended meanwhile.
            return false;
        }
    }

    private static DateTime Changed(string path)
    {
        using LiveFile file = LiveFile.Find(path);
        return file.Identity!.Changed!.Value;
    }

    private void Fill(int count)
    {
        for (int i = 0; i < count; i++)
        {
            File.WriteAllText(Image($"file{i}"), $"{i}");
        }
    }

    private string NewKey(string name)
    {
        Assert.Equal(0, VieToolProgram.Run("--new-key", _folder[name]).ExitCode);
        return _folder[name];
    }

    private string Image(string name) => Path.Combine(_image, name);

    private JsonElement Summary(string report) => VieToolProgram.Read(_folder[report]).GetProperty("summary");
}
