using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

public sealed class LibClamAvEngineTests : IDisposable
{
    private readonly TestDefinitions _definitions = new();

    public LibClamAvEngineTests() => Peer.Require("clamscan");

    public static TheoryData<string, bool> Debians()
    {
        TheoryData<string, bool> rows = [];
        foreach (string name in TestDefinitions.SampleNames)
        {
            rows.Add(name, false);
            rows.Add(name, true);
        }

        return rows;
    }

    public static TheoryData<string> Nests => [.. Samples.Wrappings];

    public void Dispose() => _definitions.Dispose();

    [Theory]
    [MemberData(nameof(Debians))]
    public void Each_of_Debians_samples_is_detected_from_memory_and_page_by_page(string name, bool byPages)
    {
        string path = Path.Combine(Peer.RequireFolder(TestDefinitions.Samples, "clamav-testfiles"), name);
        using LibClamAvEngine engine = Engine(options => options.MaxInMemory = byPages ? 0 : options.MaxInMemory);

        Assert.Equal(Verdict.Infected(TestDefinitions.SampleName), Scan(engine, File.ReadAllBytes(path)));
    }

    [Fact]
    public void All_44_of_Debians_samples_were_looked_at()
        => Assert.Equal(44, Directory.GetFiles(Peer.RequireFolder(TestDefinitions.Samples, "clamav-testfiles")).Length);

    [Theory]
    [MemberData(nameof(Nests))]
    public void EICAR_is_found_however_it_is_wrapped(string wrapping)
    {
        byte[] bytes = Samples.Wrap(wrapping, Eicar.Bytes);
        using LibClamAvEngine memory = Engine();
        using LibClamAvEngine pages = Engine(static options => options.MaxInMemory = 0);

        Assert.Equal((wrapping, Verdict.Infected(TestDefinitions.EicarName)), (wrapping, Scan(memory, bytes)));
        Assert.Equal((wrapping, Verdict.Infected(TestDefinitions.EicarName)), (wrapping, Scan(pages, bytes)));
    }

    [Fact]
    public void EICAR_is_found_in_7z_in_zip()
    {
        Peer.Require("7zz");
        using TemporaryFolder folder = new();
        Peer.RunWithInput(System.Text.Encoding.ASCII.GetString(Eicar.Bytes), "7zz", "a", "-sieicar.com", folder["eicar.7z"]);
        using LibClamAvEngine engine = Engine();

        Assert.Equal(Verdict.Infected(TestDefinitions.EicarName), Scan(engine, Samples.Zip(File.ReadAllBytes(folder["eicar.7z"]))));
    }

    [Fact]
    public void A_marker_at_the_end_of_a_content_that_is_read_page_by_page_is_found()
    {
        using LibClamAvEngine engine = Engine();
        using SparseContent content = new(40 << 20, (40 << 20) - TestDefinitions.Marker.Length, TestDefinitions.Marker);

        Assert.Equal(Verdict.Infected(TestDefinitions.MarkerName), engine.Scan(content, null, TestContext.Current.CancellationToken).Verdict);
    }

    [Fact]
    public void What_holds_nothing_is_clean()
    {
        using LibClamAvEngine engine = Engine();

        Assert.Equal(Verdict.Clean, Scan(engine, []));
        Assert.Equal(Verdict.Clean, Scan(engine, "abc"u8.ToArray()));
        Assert.Equal(Verdict.Clean, Scan(engine, Samples.Zip(Samples.Zip("abc"u8.ToArray()))));
        Assert.Equal(Verdict.Clean, Scan(engine, Samples.Noise(20 << 20)));
    }

    [Fact]
    public void Many_threads_share_an_engine_while_definitions_are_replaced()
    {
        using LibClamAvEngine engine = Engine();
        byte[] infected = Samples.Zip(Eicar.Bytes);

        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            Assert.Equal(i % 2 == 0 ? Verdict.Infected(TestDefinitions.EicarName) : Verdict.Clean, Scan(engine, i % 2 == 0 ? infected : Samples.Noise(1000 + i)));
            if (i % 50 == 7)
            {
                lock (_definitions)
                {
                    _definitions.Write($"more-{i}.ndb", $"More.{i}:0:*:{Convert.ToHexString(Samples.Noise(20, i))}");
                }

                engine.ReloadIfChanged();
            }
        });

        Assert.True(engine.Definitions.SignatureCount >= 10);
    }

    [Fact]
    public void Changed_definitions_are_noticed_and_each_verdict_names_its_own()
    {
        FakeTimeProvider clock = new();
        using LibClamAvEngine engine = new(Options(), timeProvider: clock);
        byte[] bytes = "the newest malware"u8.ToArray();
        EngineVerdict before = engine.Scan(new MemoryContent("x", bytes), null, TestContext.Current.CancellationToken);

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(before.Definitions, engine.Definitions);

        _definitions.Write("new.ndb", $"Test.New:0:*:{Convert.ToHexString(bytes)}");
        clock.Advance(TimeSpan.FromMinutes(1));
        EngineVerdict after = engine.Scan(new MemoryContent("x", bytes), null, TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Clean, before.Verdict);
        Assert.Equal(Verdict.Infected("Test.New" + TestDefinitions.Unofficial), after.Verdict);
        Assert.NotEqual(before.Definitions, after.Definitions);
        Assert.Equal(engine.Definitions, after.Definitions);
        Assert.Equal(before.Definitions.SignatureCount + 1, after.Definitions.SignatureCount);
    }

    [Fact]
    public void Definitions_that_became_malformed_leave_the_older_ones_in_use()
    {
        FakeTimeProvider clock = new();
        using LibClamAvEngine engine = new(Options(), timeProvider: clock);
        DefinitionSet before = engine.Definitions;

        _definitions.Write("bad.ndb", "this is no signature");
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(before, engine.Definitions);
        Assert.Equal(Verdict.Infected(TestDefinitions.EicarName), Scan(engine, Eicar.Bytes));
        Assert.Contains("bad.ndb", Assert.Throws<ClamAvException>(() => engine.ReloadIfChanged()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_definitions_have_the_same_digest_wherever_they_lie()
    {
        using TestDefinitions twin = new();
        using LibClamAvEngine engine = Engine();
        using LibClamAvEngine other = new(new LibClamAvOptions { DatabasePath = twin.Folder });

        Assert.Equal(engine.Definitions, other.Definitions);
        Assert.Equal(engine.Profile, other.Profile);
        Assert.Equal(_definitions.Folder, engine.Definitions.Source);
        Assert.NotNull(engine.Definitions.Published);
    }

    [Fact]
    public void A_signed_daily_database_tells_version_and_time()
    {
        File.Copy(SharedData.Require("signatures", "test-1.cvd"), Path.Combine(_definitions.Folder, "daily.cvd"));
        using LibClamAvEngine engine = Engine();

        Assert.True(engine.Definitions.Sequence > 0);
        Assert.Equal(engine.Definitions.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture), engine.Definitions.Version);
        Assert.True(engine.Definitions.Published < DateTimeOffset.UtcNow.AddYears(-1));
    }

    [Fact]
    public void An_option_that_can_change_a_verdict_changes_the_profile()
    {
        using LibClamAvEngine engine = Engine();
        using LibClamAvEngine other = Engine(static options => options.MaxRecursion = 5);

        Assert.NotEqual(engine.Profile, other.Profile);
    }

    [Fact]
    public void Definitions_that_are_missing_empty_or_malformed_are_named()
    {
        using TemporaryFolder empty = new();
        _definitions.Write("bad.ndb", "this is no signature");

        Assert.Contains("/no/such/folder", Assert.Throws<ClamAvException>(static () => new LibClamAvEngine(new() { DatabasePath = "/no/such/folder" })).Message, StringComparison.Ordinal);
        Assert.Contains(empty.Path, Assert.Throws<ClamAvException>(() => new LibClamAvEngine(new() { DatabasePath = empty.Path })).Message, StringComparison.Ordinal);
        Assert.Contains("bad.ndb", Assert.Throws<ClamAvException>(() => Engine()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_that_is_missing_or_is_another_one_is_named()
    {
        ClamAvException missing = Assert.Throws<ClamAvException>(() => Engine(static options => options.LibraryPath = "/no/libclamav.so.12"));
        ClamAvException other = Assert.Throws<ClamAvException>(() => Engine(static options => options.LibraryPath = "libc.so.6"));

        Assert.Contains("/no/libclamav.so.12", missing.Message, StringComparison.Ordinal);
        Assert.Contains("libclamav12", missing.Message, StringComparison.Ordinal);
        Assert.Contains("libc.so.6", other.Message, StringComparison.Ordinal);
        Assert.Contains("cl_retver", other.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.4.6", "1.4.6")]
    [InlineData("clamav-1.5.0-rc", "1.5.0")]
    [InlineData("1.0.9", null)]
    [InlineData("0.103.12", null)]
    [InlineData("2.0.0", null)]
    [InlineData("", null)]
    [InlineData("devel-abc", null)]
    public void Only_versions_that_are_known_to_work_are_used(string text, string? version)
    {
        if (version is null)
        {
            Assert.Contains($"\"{text}\"", Assert.Throws<ClamAvException>(() => LibraryVersion.Check(text, "lib")).Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(version, LibraryVersion.Check(text, "lib"));
        }
    }

    [Fact]
    public void An_engine_that_was_disposed_scans_nothing()
    {
        LibClamAvEngine engine = Engine();
        engine.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Scan(engine, Eicar.Bytes));
    }

    private static Verdict Scan(LibClamAvEngine engine, byte[] bytes)
        => engine.Scan(new MemoryContent("x", bytes), null, TestContext.Current.CancellationToken).Verdict;

    private LibClamAvOptions Options() => new() { DatabasePath = _definitions.Folder };

    private LibClamAvEngine Engine(Action<LibClamAvOptions>? configure = null)
    {
        LibClamAvOptions options = Options();
        configure?.Invoke(options);
        return new LibClamAvEngine(options);
    }
}
