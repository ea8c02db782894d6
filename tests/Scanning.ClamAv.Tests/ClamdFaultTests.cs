using System.Net;
using System.Net.Sockets;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

/// <summary>Whatever goes wrong between here and clamd, or in it, the content is not called clean.</summary>
public sealed class ClamdFaultTests(ClamdProcess clamd) : IClassFixture<ClamdProcess>
{
    [Fact]
    public void A_content_that_cannot_be_read_at_some_place_is_not_clean_and_the_next_one_is_scanned()
    {
        using ClamdEngine engine = Engine();
        for (int at = 0; at < 3_000_000; at += 490_000)
        {
            using BrokenContent content = new(new byte[3_000_000], at, at + 512);
            Assert.Equal("a sector is broken", Assert.Throws<IOException>(() => Scan(engine, content)).Message);
            Assert.Equal(Verdict.Clean, Scan(engine, "abc"u8.ToArray()));
        }
    }

    [Fact]
    public void A_content_that_shrinks_while_it_is_sent_is_not_clean()
    {
        using ClamdEngine engine = Engine();
        using ShrinkingContent content = new(Samples.Noise(3_000_000), 1_500_000);

        Assert.Throws<IOException>(() => Scan(engine, content));
    }

    [Fact]
    public void A_content_over_the_engines_limit_is_incomplete_without_being_read()
    {
        using ClamdEngine engine = Engine();
        using SparseContent content = new(3L << 30, (3L << 30) - 100, TestDefinitions.Marker);

        Verdict verdict = Scan(engine, content);

        Assert.Equal(VerdictKind.Incomplete, verdict.Kind);
        Assert.Contains("maxContentLength", verdict.Detail, StringComparison.Ordinal);
        Assert.Equal(0, content.BytesRead);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_content_over_clamds_limit_is_incomplete(bool unix)
    {
        using ClamdEngine engine = Engine(unix ? clamd.Unix : clamd.Tcp);
        using SparseContent content = new(60 << 20, 0, TestDefinitions.Marker);

        Assert.Equal(VerdictKind.Incomplete, Scan(engine, content).Kind);
        Assert.Equal(Verdict.Clean, Scan(engine, "abc"u8.ToArray()));
    }

    [Fact]
    public void Limits_and_what_is_encrypted_are_incomplete()
    {
        using ClamdEngine engine = Engine();
        foreach (byte[] bytes in new[]
        {
            Samples.Nested(Eicar.Bytes, 30, static inner => Samples.Zip(inner)),
            Samples.Zip(Enumerable.Range(0, 1500).Select(static i => ($"{i}", Samples.Noise(100, i)))),
            Samples.Zip(Enumerable.Range(0, 80).Select(static i => ($"{i}", new byte[1 << 20]))),
            Samples.Encrypted(Samples.Zip(Samples.Noise(1000))),
        })
        {
            Assert.Equal(VerdictKind.Incomplete, Scan(engine, bytes).Kind);
        }
    }

    [Fact]
    public void A_clamd_that_does_not_tell_of_limits_calls_nothing_clean_unless_that_is_wanted()
    {
        using ClamdProcess silent = new("AlertEncrypted yes");
        using ClamdProcess alsoSilent = new("AlertExceedsMax yes");
        using ClamdEngine engine = new(new ClamdOptions { EndPoint = silent.Unix });
        using ClamdEngine other = new(new ClamdOptions { EndPoint = alsoSilent.Unix });
        using ClamdEngine trusting = new(new ClamdOptions { EndPoint = silent.Unix, TrustSilentLimits = true });

        Assert.Contains("AlertExceedsMax", Scan(engine, "abc"u8.ToArray()).Detail, StringComparison.Ordinal);
        Assert.Contains("AlertEncrypted", Scan(other, "abc"u8.ToArray()).Detail, StringComparison.Ordinal);
        Assert.Equal(Verdict.Infected(TestDefinitions.EicarName), Scan(engine, Eicar.Bytes));
        Assert.Equal(Verdict.Clean, Scan(trusting, "abc"u8.ToArray()));
    }

    [Fact]
    public void A_clamd_that_is_killed_in_the_middle_of_a_stream_and_stays_away_makes_the_scan_fail()
    {
        using ClamdProcess dying = new();
        using ClamdEngine engine = Engine(dying.Unix);
        bool killed = false;
        using ObservedContent content = new(Samples.Noise(3_000_000), offset =>
        {
            if (offset > 1_000_000 && !killed)
            {
                dying.Kill();
                killed = true;
            }
        });

        Verdict verdict = Scan(engine, content);

        Assert.Equal(VerdictKind.Failed, verdict.Kind);
        Assert.Contains("clamd", verdict.Detail, StringComparison.Ordinal);
        dying.Start();
        Assert.Equal(Verdict.Clean, Scan(engine, content));
    }

    [Fact]
    public void A_clamd_that_was_started_anew_is_found_again()
    {
        using ClamdProcess restarted = new();
        using ClamdEngine engine = new(new ClamdOptions { EndPoint = restarted.Tcp, MaxAttempts = 1 });

        restarted.Kill();
        restarted.Start();

        Assert.Equal(Verdict.Infected(TestDefinitions.EicarName), Scan(engine, Eicar.Bytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_connection_that_is_cut_is_tried_anew_so_many_times(int attempts)
    {
        using ScriptedClamd server = new(static (connection, request, _) => request == 1 ? "#: ClamAV 1.4.6\0" : "");
        using ClamdEngine engine = Engine(server.EndPoint, options => options.MaxAttempts = attempts);

        Assert.Equal(VerdictKind.Failed, Scan(engine, Samples.Noise(500_000)).Kind);
        Assert.Equal(1 + attempts, server.Connections);
    }

    [Fact]
    public void A_connection_that_is_cut_once_costs_no_verdict()
    {
        using ScriptedClamd server = new(static (connection, request, _) => request == 1 ? "#: ClamAV 1.4.6\0" : connection < 3 ? "" : "#: stream: OK\0");
        using ClamdEngine engine = Engine(server.EndPoint);

        Assert.Equal(Verdict.Clean, Scan(engine, Samples.Noise(500_000)));
        Assert.Equal(3, server.Connections);
    }

    [Theory]
    [InlineData("1: stream: OK\0")]
    [InlineData("3: stream: OK\0")]
    [InlineData("stream: OK\0")]
    [InlineData("OK\0")]
    [InlineData("#: \0")]
    [InlineData("#: stream: \0")]
    [InlineData("#: COMMAND READ TIMED OUT\0")]
    [InlineData("#: stream: OK")]
    [InlineData("#: strea")]
    public void An_answer_that_is_none_to_the_request_is_not_clean(string answer)
    {
        using ScriptedClamd server = new((_, request, _) => request == 1 ? "#: ClamAV 1.4.6\0" : answer);
        using ClamdEngine engine = Engine(server.EndPoint, static options => options.ReplyTimeout = TimeSpan.FromMilliseconds(200));

        Assert.Equal(VerdictKind.Failed, Scan(engine, "abc"u8.ToArray()).Kind);
    }

    [Fact]
    public void An_answer_without_an_end_is_not_read_for_ever()
    {
        using ScriptedClamd server = new(static (_, request, _) => request == 1 ? "#: ClamAV 1.4.6\0" : "#: stream: " + new string('x', 100_000));
        using ClamdEngine engine = Engine(server.EndPoint);

        Assert.Equal(VerdictKind.Failed, Scan(engine, "abc"u8.ToArray()).Kind);
    }

    [Fact]
    public void A_clamd_that_hangs_makes_the_scan_fail_once_whether_it_reads_or_not()
    {
        using ScriptedClamd server = new(static (_, request, _) => request == 1 ? "#: ClamAV 1.4.6\0" : null);
        using ClamdEngine engine = Engine(server.EndPoint, static options => options.ReplyTimeout = TimeSpan.FromMilliseconds(200));

        foreach (int length in new[] { 1000, 90_000_000 })
        {
            int before = server.Connections;
            using SparseContent content = new(length, 0, []);
            Verdict verdict = Scan(engine, content);
            Assert.Equal(VerdictKind.Failed, verdict.Kind);
            Assert.Contains("within 0.2 s", verdict.Detail, StringComparison.Ordinal);
            Assert.True(server.Connections <= before + 1);
        }
    }

    [Fact]
    public void A_scan_that_waits_for_clamd_can_be_ended()
    {
        using CancellationTokenSource source = new();
        using ScriptedClamd server = new((_, request, _) =>
        {
            if (request == 2)
            {
                source.Cancel();
            }

            return request == 1 ? "#: ClamAV 1.4.6\0" : null;
        });
        using ClamdEngine engine = Engine(server.EndPoint);
        using MemoryContent content = new("x", "abc"u8.ToArray());

        Assert.Throws<OperationCanceledException>(() => engine.Scan(content, null, source.Token));
    }

    [Fact]
    public void A_clamd_whose_disk_is_full_is_not_clean()
    {
        Peer.RequireRoot();
        using TemporaryFolder folder = new();
        Peer.Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder.Path);
        try
        {
            using ClamdProcess full = new($"TemporaryDirectory {folder.Path}", "AlertExceedsMax yes", "AlertEncrypted yes");
            using ClamdEngine engine = Engine(full.Unix, static options => options.TrustSilentLimits = false);

            Assert.Equal(VerdictKind.Failed, Scan(engine, Samples.Noise(2_000_000)).Kind);
            Assert.Equal(VerdictKind.Failed, Scan(engine, Samples.Zip([.. new byte[2_000_000], .. TestDefinitions.Marker])).Kind);
        }
        finally
        {
            Peer.Run("umount", folder.Path);
        }
    }

    [Fact]
    public void A_clamd_that_is_not_there_is_named()
    {
        Assert.Contains("/no/clamd.ctl", Assert.Throws<ClamAvException>(static () => Engine(new UnixDomainSocketEndPoint("/no/clamd.ctl"))).Message, StringComparison.Ordinal);
        Assert.Contains("refused", Assert.Throws<ClamAvException>(static () => Engine(new IPEndPoint(IPAddress.Loopback, 1))).Message, StringComparison.Ordinal);
        using ScriptedClamd mute = new(static (_, _, _) => null);
        Assert.Contains("within 0.2 s", Assert.Throws<ClamAvException>(
            () => Engine(mute.EndPoint, static options => options.ReplyTimeout = TimeSpan.FromMilliseconds(200))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_engine_that_was_disposed_scans_nothing()
    {
        ClamdEngine engine = Engine(clamd.Unix);
        engine.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Scan(engine, "abc"u8.ToArray()));
    }

    private static Verdict Scan(ClamdEngine engine, byte[] bytes)
    {
        using MemoryContent content = new("x", bytes);
        return Scan(engine, content);
    }

    private static Verdict Scan(ClamdEngine engine, ScanContent content) => engine.Scan(content, null, TestContext.Current.CancellationToken).Verdict;

    private static ClamdEngine Engine(EndPoint endPoint, Action<ClamdOptions>? configure = null)
    {
        ClamdOptions options = new() { EndPoint = endPoint, RetryDelay = TimeSpan.Zero, TrustSilentLimits = true };
        configure?.Invoke(options);
        return new ClamdEngine(options);
    }

    private ClamdEngine Engine() => Engine(clamd.Unix, static options => options.TrustSilentLimits = false);
}
