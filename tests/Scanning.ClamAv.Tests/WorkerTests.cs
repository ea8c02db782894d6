using System.Diagnostics;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

/// <summary>A worker process scans as libclamav in process does, and what befalls it befalls one content only.</summary>
public sealed class WorkerTests : IDisposable
{
    private readonly TestDefinitions _definitions = new();

    public WorkerTests() => Peer.Require("clamscan");

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Symantec.Virtualization.ClamAvWorkerHost");

    public void Dispose() => _definitions.Dispose();

    [Fact]
    public void A_worker_finds_what_libclamav_in_process_finds_with_the_same_scope()
    {
        using LibClamAvWorkerEngine engine = Engine();
        using LibClamAvEngine inProcess = new(new LibClamAvOptions { DatabasePath = _definitions.Folder });

        foreach (string wrapping in Samples.Wrappings)
        {
            Assert.Equal((wrapping, Verdict.Infected(TestDefinitions.EicarName)), (wrapping, Scan(engine, Samples.Wrap(wrapping, Eicar.Bytes))));
        }

        using SparseContent large = new(40 << 20, (40 << 20) - TestDefinitions.Marker.Length, TestDefinitions.Marker);
        Assert.Equal(Verdict.Infected(TestDefinitions.MarkerName), Scan(engine, large));
        Assert.Equal(Verdict.Clean, Scan(engine, Samples.Noise(3_000_000)));
        Assert.Equal(Verdict.Clean, Scan(engine, []));
        Assert.Equal(VerdictKind.Incomplete, Scan(engine, Samples.Encrypted(Samples.Zip(Samples.Noise(1000)))).Kind);
        Assert.Equal((inProcess.Name, inProcess.Profile, inProcess.Definitions), (engine.Name, engine.Profile, engine.Definitions));
        Assert.Equal(inProcess.Definitions.SignatureCount, engine.Definitions.SignatureCount);
        Assert.Single(engine.IdleWorkers);
    }

    [Fact]
    public void A_host_starts_its_own_program_as_the_worker()
    {
        (string program, string definitions) = (Program, _definitions.Folder);

        #region scan-in-a-worker
        LibClamAvWorkerOptions options = new() { FileName = program, Arguments = { "clamav-worker", definitions } };
        using LibClamAvWorkerEngine engine = new(options);
        #endregion

        Assert.Equal(Verdict.Infected(TestDefinitions.EicarName), Scan(engine, Eicar.Bytes));
    }

    [Fact]
    public void A_content_that_cannot_be_read_is_not_clean_and_costs_no_worker()
    {
        using LibClamAvWorkerEngine engine = Engine();
        int worker = Assert.Single(engine.IdleWorkers);
        using BrokenContent broken = new(Samples.Noise(3_000_000), 2_000_000);
        using ShrinkingContent shrinking = new(Samples.Noise(3_000_000), 1_500_000);
        using ObservedContent odd = new(Samples.Noise(100), static _ => throw new InvalidOperationException("odd"));
        using ObservedContent over = new(Samples.Noise(100), static _ => throw new ScanLimitException("enough"));

        Assert.Equal("a sector is broken", Assert.Throws<IOException>(() => Scan(engine, broken)).Message);
        Assert.Throws<IOException>(() => Scan(engine, shrinking));
        Assert.Equal("odd", Assert.Throws<IOException>(() => Scan(engine, odd)).Message);
        Assert.Equal(Verdict.Incomplete("enough"), Scan(engine, over));
        Assert.Equal(Verdict.Clean, Scan(engine, Samples.Noise(100)));
        Assert.Equal(worker, Assert.Single(engine.IdleWorkers));
    }

    [Fact]
    public void A_worker_that_crashes_fails_one_content_and_another_takes_its_place()
    {
        using LibClamAvWorkerEngine engine = Engine();
        int worker = Assert.Single(engine.IdleWorkers);
        using ObservedContent deadly = new(Samples.Noise(3_000_000), offset =>
        {
            if (offset > 1_000_000)
            {
                Kill(worker);
            }
        });

        Verdict verdict = Scan(engine, deadly);

        Assert.Equal(VerdictKind.Failed, verdict.Kind);
        Assert.Contains("worker", verdict.Detail, StringComparison.Ordinal);
        Assert.Equal(Verdict.Infected(TestDefinitions.EicarName), Scan(engine, Eicar.Bytes));
        Assert.NotEqual(worker, Assert.Single(engine.IdleWorkers));
    }

    [Fact]
    public void A_worker_that_ended_while_it_was_idle_fails_no_content()
    {
        using LibClamAvWorkerEngine engine = Engine();
        Kill(Assert.Single(engine.IdleWorkers));

        Assert.Equal(Verdict.Infected(TestDefinitions.EicarName), Scan(engine, Eicar.Bytes));
    }

    [Fact]
    public void A_scan_that_takes_too_long_or_is_cancelled_ends_its_worker()
    {
        using LibClamAvWorkerEngine engine = Engine(static options => options.ScanTimeout = TimeSpan.FromMilliseconds(100));
        using CancellationTokenSource source = new();
        using Process worker = Process.GetProcessById(Assert.Single(engine.IdleWorkers));
        using ObservedContent slow = new(Samples.Noise(1000), _ => worker.WaitForExit());
        using ObservedContent cancelled = new(Samples.Noise(1000), _ => source.Cancel());

        Assert.Contains("within 0.1 s", Scan(engine, slow).Detail, StringComparison.Ordinal);
        Assert.Empty(engine.IdleWorkers);
        Assert.Throws<OperationCanceledException>(() => engine.Scan(cancelled, null, source.Token));
        Assert.Empty(engine.IdleWorkers);
    }

    [Fact]
    public void A_large_content_takes_no_more_memory_than_a_few_pages()
    {
        using LibClamAvWorkerEngine engine = Engine();
        using Process worker = Process.GetProcessById(Assert.Single(engine.IdleWorkers));
        long before = worker.PeakWorkingSet64;
        using SparseContent content = new(300L << 20, (300L << 20) - 100, TestDefinitions.Marker);

        Assert.Equal(Verdict.Infected(TestDefinitions.MarkerName), Scan(engine, content));
        worker.Refresh();
        Assert.InRange(worker.PeakWorkingSet64 - before, 0, 100L << 20);
    }

    [Fact]
    public void Callers_share_the_workers_there_may_be()
    {
        using LibClamAvWorkerEngine engine = Engine(static options => options.MaxWorkers = 2);
        byte[] infected = Samples.Zip(Eicar.Bytes);

        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i => Assert.Equal(
            i % 2 == 0 ? Verdict.Infected(TestDefinitions.EicarName) : Verdict.Clean, Scan(engine, i % 2 == 0 ? infected : Samples.Noise(1000 + i))));

        Assert.InRange(engine.IdleWorkers.Count(), 1, 2);
    }

    [Fact]
    public void A_worker_that_cannot_start_says_why()
    {
        LibClamAvWorkerOptions missing = new() { FileName = "/no/such/program" };
        LibClamAvWorkerOptions other = new() { FileName = "true" };

        Assert.Contains("/no/such/program", Assert.Throws<ClamAvException>(() => new LibClamAvWorkerEngine(missing)).Message, StringComparison.Ordinal);
        Assert.Contains("ended before it was ready", Assert.Throws<ClamAvException>(() => new LibClamAvWorkerEngine(other)).Message, StringComparison.Ordinal);
        Assert.Contains("/no/definitions", Assert.Throws<ClamAvException>(
            () => Engine(static options => options.Arguments[^1] = "/no/definitions")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\\001\\377\\377\\377\\177", "a frame claims 2147483647 bytes")]
    [InlineData("\\001\\377\\377\\377\\377", "a frame claims -1 bytes")]
    [InlineData("\\001\\0\\0\\0\\0", "cannot be read")]
    [InlineData("\\007\\0\\0\\0\\0", "instead of a greeting")]
    [InlineData("hello", "a frame claims")]
    public void A_worker_that_sends_what_is_no_greeting_is_refused(string bytes, string why)
    {
        LibClamAvWorkerOptions options = new() { FileName = "printf", Arguments = { bytes } };

        Assert.Contains(why, Assert.Throws<ClamAvException>(() => new LibClamAvWorkerEngine(options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\\004\\014\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\377\\377\\377\\177", "bytes at offset 0 were asked for")]
    [InlineData("\\004\\014\\0\\0\\0\\377\\377\\377\\377\\377\\377\\377\\377\\001\\0\\0\\0", "1 bytes at offset -1 were asked for")]
    [InlineData("\\004\\014\\0\\0\\0\\003\\0\\0\\0\\0\\0\\0\\0\\001\\0\\0\\0", "1 bytes at offset 3 were asked for of 3")]
    [InlineData("\\004\\001\\0\\0\\0\\0", "cannot be read")]
    [InlineData("\\007\\002\\0\\0\\0\\011\\0", "cannot be read")]
    [InlineData("\\001\\0\\0\\0\\0", "in the middle of a scan")]
    public void A_worker_that_was_taken_over_gets_nothing_but_the_content_and_its_nonsense_is_a_failure(string bytes, string why)
    {
        using TemporaryFolder folder = new();
        using (FileStream file = File.Create(folder["greeting"]))
        {
            new WorkerChannel(Stream.Null, file).Send(WorkerFrameKind.Ready, static writer =>
            {
                writer.Write("profile");
                WorkerChannel.Write(writer, new DefinitionSet { Engine = "e", Version = "v", Digest = default });
            });
        }

        LibClamAvWorkerOptions options = new() { FileName = "sh", Arguments = { "-c", $"cat '{folder["greeting"]}'; printf '{bytes}'; cat > /dev/null" } };
        using LibClamAvWorkerEngine engine = new(options);

        Verdict verdict = Scan(engine, "abc"u8.ToArray());

        Assert.Equal(VerdictKind.Failed, verdict.Kind);
        Assert.Contains(why, verdict.Detail, StringComparison.Ordinal);
    }

    private static void Kill(int id)
    {
        using Process process = Process.GetProcessById(id);
        process.Kill();
        process.WaitForExit();
    }

    private static Verdict Scan(LibClamAvWorkerEngine engine, byte[] bytes)
    {
        using MemoryContent content = new("x", bytes);
        return Scan(engine, content);
    }

    private static Verdict Scan(LibClamAvWorkerEngine engine, ScanContent content) => engine.Scan(content, null, TestContext.Current.CancellationToken).Verdict;

    private LibClamAvWorkerEngine Engine(Action<LibClamAvWorkerOptions>? configure = null)
    {
        LibClamAvWorkerOptions options = new() { FileName = Program, Arguments = { "clamav-worker", _definitions.Folder } };
        configure?.Invoke(options);
        return new LibClamAvWorkerEngine(options);
    }
}
