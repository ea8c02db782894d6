using System.Diagnostics;
using System.Net;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

public sealed class ClamdEngineTests(ClamdProcess clamd) : IClassFixture<ClamdProcess>
{
    public static TheoryData<string> Debians => [.. TestDefinitions.SampleNames];

    public static TheoryData<string> Nests => [.. Samples.Wrappings];

    [Theory]
    [MemberData(nameof(Debians))]
    public void Each_of_Debians_samples_is_detected_over_TCP_over_a_Unix_socket_and_as_a_descriptor(string name)
    {
        string path = Path.Combine(Peer.RequireFolder(TestDefinitions.Samples, "clamav-testfiles"), name);
        using ClamdEngine tcp = Engine(clamd.Tcp);
        using ClamdEngine unix = Engine();
        using FileContent content = new(path);

        Assert.Equal(Verdict.Infected(TestDefinitions.SampleName), Scan(tcp, content));
        Assert.Equal(Verdict.Infected(TestDefinitions.SampleName), Scan(unix, content));
        using FileContent passed = new(path);
        Assert.Equal(Verdict.Infected(TestDefinitions.SampleName), unix.Scan(passed, default(ContentHash), TestContext.Current.CancellationToken).Verdict);
        Assert.False(passed.WasRead);
    }

    [Theory]
    [MemberData(nameof(Nests))]
    public void EICAR_is_found_however_it_is_wrapped(string wrapping)
    {
        byte[] bytes = Samples.Wrap(wrapping, Eicar.Bytes);
        using ClamdEngine engine = Engine();

        Assert.Equal((wrapping, Verdict.Infected(TestDefinitions.EicarName)), (wrapping, Scan(engine, bytes)));
    }

    [Fact]
    public void What_holds_nothing_is_clean_also_in_many_pieces()
    {
        using ClamdEngine engine = Engine();

        Assert.Equal(Verdict.Clean, Scan(engine, []));
        Assert.Equal(Verdict.Clean, Scan(engine, "abc"u8.ToArray()));
        Assert.Equal(Verdict.Clean, Scan(engine, Samples.Noise(5_000_000)));
        Assert.Equal(Verdict.Infected(TestDefinitions.MarkerName), Scan(engine, [.. Samples.Noise(5_000_000), .. TestDefinitions.Marker]));
    }

    [Fact]
    public void A_file_that_was_not_read_a_moment_ago_is_sent_and_not_handed_over()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["x"], Samples.Noise(1000));
        using ClamdEngine engine = Engine();
        using ClamdEngine tcp = Engine(clamd.Tcp);
        using FileContent unread = new(folder["x"]);
        using FileContent overTcp = new(folder["x"]);
        using FileContent read = new(folder["x"]);

        Assert.Equal(Verdict.Clean, Scan(engine, unread));
        Assert.Equal(Verdict.Clean, tcp.Scan(overTcp, default(ContentHash), TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(Verdict.Clean, engine.Scan(read, default(ContentHash), TestContext.Current.CancellationToken).Verdict);
        Assert.Equal((true, true, false), (unread.WasRead, overTcp.WasRead, read.WasRead));
    }

    [Fact]
    public void Many_threads_share_an_engine()
    {
        using ClamdEngine engine = Engine();
        byte[] infected = Samples.Zip(Eicar.Bytes);

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => Assert.Equal(
            i % 2 == 0 ? Verdict.Infected(TestDefinitions.EicarName) : Verdict.Clean, Scan(engine, i % 2 == 0 ? infected : Samples.Noise(1000 + i))));
    }

    [Fact]
    public void Newer_definitions_are_noticed()
    {
        string daily = SharedData.Require("signatures", "test-1.cvd");
        using ClamdProcess other = new();
        using ClamdEngine engine = new(new ClamdOptions { EndPoint = other.Unix, VersionInterval = TimeSpan.Zero, TrustSilentLimits = true });
        using MemoryContent content = new("x", "abc"u8.ToArray());
        DefinitionSet before = engine.Scan(content, null, TestContext.Current.CancellationToken).Definitions;

        File.Copy(daily, Path.Combine(other.Definitions.Folder, "daily.cvd"));
        other.Reload();
        Stopwatch patience = Stopwatch.StartNew();
        while (engine.Definitions.Sequence == 0 && patience.Elapsed < TimeSpan.FromMinutes(1))
        {
            engine.Scan(content, null, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, before.Sequence);
        Assert.True(engine.Definitions.Sequence > 0);
        Assert.NotNull(engine.Definitions.Published);
        Assert.NotEqual(before, engine.Definitions);
    }

    [Fact]
    public void Definitions_without_a_number_equal_those_of_no_other_engine()
    {
        using ClamdEngine engine = Engine();
        using ClamdEngine other = Engine();

        Assert.Equal(engine.Definitions, engine.Definitions);
        Assert.NotEqual(engine.Definitions, other.Definitions);
        Assert.StartsWith("ClamAV 1.", engine.Definitions.Version, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ClamAV 1.4.6/27000/Thu Aug 20 14:50:41 2015", 27000, "27000", "2015-08-20 14:50:41")]
    [InlineData("ClamAV 1.4.6/27000/Thu Aug  6 14:50:41 2015", 27000, "27000", "2015-08-06 14:50:41")]
    [InlineData("ClamAV 1.4.6/27000/some day", 27000, "27000", null)]
    [InlineData("ClamAV 1.4.6", 0, "ClamAV 1.4.6", null)]
    [InlineData("ClamAV 1.4.6/new/Thu Aug 20 14:50:41 2015", 0, "ClamAV 1.4.6/new/Thu Aug 20 14:50:41 2015", null)]
    [InlineData("", 0, "", null)]
    public void The_version_is_read_from_what_clamd_says(string reply, long sequence, string version, string? published)
    {
        DefinitionSet definitions = ClamdVersion.Parse(reply, "socket", Guid.NewGuid());

        Assert.Equal((sequence, version), (definitions.Sequence, definitions.Version));
        Assert.Equal(published, definitions.Published?.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("stream: OK", VerdictKind.Clean, "")]
    [InlineData("stream: Win.Test.A FOUND", VerdictKind.Infected, "Win.Test.A")]
    [InlineData("fd[12]: Win.Test.A FOUND", VerdictKind.Infected, "Win.Test.A")]
    [InlineData("stream: a: name OK with ERROR FOUND", VerdictKind.Infected, "a: name OK with ERROR")]
    [InlineData("stream: Heuristics.Limits.Exceeded.MaxFiles FOUND", VerdictKind.Incomplete, "a limit of ClamAV was reached (MaxFiles)")]
    [InlineData("stream: Heuristics.Encrypted.Zip FOUND", VerdictKind.Incomplete, "a part is encrypted (Zip)")]
    [InlineData("INSTREAM size limit exceeded. ERROR", VerdictKind.Incomplete, "it is longer than clamd takes (StreamMaxLength)")]
    [InlineData("stream: Can't create temporary file ERROR", VerdictKind.Failed, "clamd failed: stream: Can't create temporary file")]
    [InlineData("UNKNOWN COMMAND", VerdictKind.Failed, "clamd answered what is no verdict: UNKNOWN COMMAND")]
    [InlineData("OK", VerdictKind.Failed, "clamd answered what is no verdict: OK")]
    [InlineData("", VerdictKind.Failed, "clamd answered what is no verdict: ")]
    [InlineData(" FOUND", VerdictKind.Infected, "without a name")]
    public void A_reply_is_read_from_the_right(string reply, VerdictKind kind, string detail)
    {
        Verdict verdict = ClamdReply.Parse(reply);

        Assert.Equal((kind, detail), (verdict.Kind, verdict.Detail));
    }

    private static Verdict Scan(ClamdEngine engine, byte[] bytes)
    {
        using MemoryContent content = new("x", bytes);
        return Scan(engine, content);
    }

    private static Verdict Scan(ClamdEngine engine, ScanContent content) => engine.Scan(content, null, TestContext.Current.CancellationToken).Verdict;

    private ClamdEngine Engine(EndPoint? endPoint = null) => new(new ClamdOptions { EndPoint = endPoint ?? clamd.Unix });
}
