using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>Real processes open files of a real file system, which a gate guards. Each gate stands before a mount of the test's own, never before the machine's.</summary>
public sealed class OpenPermissionGateTests : IDisposable
{
    private const string NotPermitted = "Operation not permitted";
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    private readonly LoopMount _mount = new();
    private readonly FakeLogger<OpenPermissionGate> _logger = new();
    private readonly ConcurrentQueue<string> _asked = new();

    public OpenPermissionGateTests()
    {
        File.WriteAllBytes(_mount["infected"], Eicar.Bytes);
        File.WriteAllText(_mount["clean"], "clean\n");
        File.WriteAllText(_mount["other"], "other\n");
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _mount.Dispose();

    [Fact]
    public async Task An_infected_file_is_denied_and_a_clean_one_opens()
    {
        SignatureEngine engine = new(SignatureDatabase.Embedded);
        ConcurrentQueue<(string Path, string Process, long Length, bool IsExecution)> seen = new();
        await using OpenPermissionGate gate = OpenPermissionGate.Open(
            _mount.Path,
            (request, cancellationToken) =>
            {
                seen.Enqueue((request.Path, request.ProcessName, request.Content.Length, request.IsExecution));
                return ValueTask.FromResult(
                    engine.Scan(request.Content, hash: null, cancellationToken).Verdict.Kind == VerdictKind.Infected ? OpenDecision.Deny : OpenDecision.Allow);
            });

        ProgramRun infected = _mount.Shell("cat infected");
        ProgramRun clean = _mount.Shell("cat clean");

        Assert.Equal((1, ""), (infected.ExitCode, infected.Output));
        Assert.Contains(NotPermitted, infected.Errors, StringComparison.Ordinal);
        Assert.Equal((0, "clean\n"), (clean.ExitCode, clean.Output));
        Assert.Equal([(_mount["infected"], "cat", 68, false), (_mount["clean"], "cat", 6, false)], seen);
    }

    [Fact]
    public async Task A_program_is_asked_for_before_it_is_executed()
    {
        File.Copy("/bin/true", _mount["program"]);
        await using (Gate(static request => request.IsExecution ? OpenDecision.Deny : OpenDecision.Allow))
        {
            Assert.NotEqual(0, _mount.Shell("./program").ExitCode);
            Assert.Equal("clean\n", _mount.Shell("cat clean").Output);
        }

        _asked.Clear();
        await using (Gate(static request => request.IsExecution ? OpenDecision.Allow : OpenDecision.Deny, new() { ExecutionsOnly = true }))
        {
            Assert.Equal("clean\n", _mount.Shell("cat clean && ./program").Output);
            Assert.Equal([_mount["program"]], _asked);
        }
    }

    [Theory]
    [InlineData(OpenDecision.Allow)]
    [InlineData(OpenDecision.Deny)]
    public async Task A_handler_that_throws_is_answered_for(OpenDecision onFailure)
    {
        await using OpenPermissionGate gate = Gate(static _ => throw new InvalidOperationException("odd"), new() { OnFailure = onFailure });

        AssertIs(onFailure, _mount.Shell("cat clean"));

        FakeLogRecord record = Assert.Single(_logger.Collector.GetSnapshot());
        Assert.Equal(("DecisionFailed", LogLevel.Warning, "odd"), (record.Id.Name, record.Level, record.Exception?.Message));
    }

    [Fact]
    public async Task An_answer_that_is_no_decision_is_a_failure()
    {
        await using OpenPermissionGate gate = Gate(static _ => (OpenDecision)7, new() { OnFailure = OpenDecision.Deny });

        AssertIs(OpenDecision.Deny, _mount.Shell("cat clean"));
    }

    [Theory]
    [InlineData(OpenDecision.Allow, true)]
    [InlineData(OpenDecision.Deny, true)]
    [InlineData(OpenDecision.Allow, false)]
    [InlineData(OpenDecision.Deny, false)]
    public async Task A_handler_that_takes_too_long_is_answered_for_and_cancelled(OpenDecision onFailure, bool blocks)
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        OpenPermissionOptions options = new() { OnFailure = onFailure, DecisionTimeout = TimeSpan.FromMilliseconds(300), MaxConcurrency = 1 };
        await using OpenPermissionGate gate = OpenPermissionGate.Open(
            _mount.Path,
            async (_, cancellationToken) =>
            {
                if (blocks)
                {
                    cancellationToken.WaitHandle.WaitOne();
                }
                else
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                cancelled.TrySetResult();
                return onFailure == OpenDecision.Allow ? OpenDecision.Deny : OpenDecision.Allow;
            },
            options,
            _logger);

        AssertIs(onFailure, _mount.Shell("cat clean"));

        await cancelled.Task.WaitAsync(Long, Cancelled);
        AssertIs(onFailure, _mount.Shell("cat clean"));
        Assert.Contains(_logger.Collector.GetSnapshot(), static record => record.Id.Name == "DecisionTimedOut" && record.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task Handlers_that_never_return_hold_nobody_longer_than_the_timeout()
    {
        using ManualResetEventSlim never = new();
        OpenPermissionOptions options = new() { DecisionTimeout = TimeSpan.FromMilliseconds(300), MaxConcurrency = 2, QueueCapacity = 4, OnFailure = OpenDecision.Deny };
        await using (Gate(
            _ =>
            {
                never.Wait(CancellationToken.None);
                return OpenDecision.Allow;
            },
            options))
        {
            ProgramRun run = _mount.Shell("for i in $(seq 20); do cat clean & done; wait");

            Assert.Equal(("", 20), (run.Output, run.Errors.Split(NotPermitted).Length - 1));
            Assert.Contains(_logger.Collector.GetSnapshot(), static record => record.Id.Name == "DecisionsQueuedUp");
        }

        Assert.Contains(_logger.Collector.GetSnapshot(), static record => record.Id.Name == "HandlersLeft");
        never.Set();
    }

    [Fact]
    public async Task What_this_process_opens_is_never_asked_for()
    {
        await using OpenPermissionGate gate = Gate(
            _ =>
            {
                string[] texts = new string[8];
                Parallel.For(0, texts.Length, i => texts[i] = File.ReadAllText(_mount["other"]));
                File.WriteAllText(_mount["written"], "by the handler");
                return Array.TrueForAll(texts, static text => text == "other\n") ? OpenDecision.Allow : OpenDecision.Deny;
            });

        Assert.Equal("clean\n", await File.ReadAllTextAsync(_mount["clean"], Cancelled));
        Assert.Equal("clean\nother\n", _mount.Shell("cat clean other").Output);
        Assert.Equal([_mount["clean"], _mount["other"]], _asked);
    }

    [Fact]
    public async Task A_trusted_process_is_never_asked_for()
    {
        await using OpenPermissionGate gate = Gate(static _ => OpenDecision.Deny);
        using Process shell = Start("sh", "-c", "read go; read line < clean; echo $line; read go; read line < clean || echo denied");
        gate.TrustProcess(shell.Id);
        await shell.StandardInput.WriteLineAsync("go");
        Assert.Equal("clean", await shell.StandardOutput.ReadLineAsync(Cancelled));
        Assert.Empty(_asked);

        gate.DistrustProcess(shell.Id);
        gate.DistrustProcess(Environment.ProcessId);
        await shell.StandardInput.WriteLineAsync("go");
        Assert.Equal("denied", await shell.StandardOutput.ReadLineAsync(Cancelled));
        Assert.Equal("clean\n", await File.ReadAllTextAsync(_mount["clean"], Cancelled));
        await shell.WaitForExitAsync(Cancelled);
    }

    [Fact]
    public async Task Every_one_of_2000_opens_by_4_processes_is_answered()
    {
        for (int i = 0; i < 500; i++)
        {
            File.WriteAllText(_mount[$"f{i}"], i % 2 == 0 ? "even\n" : "odd\n");
        }

        int odd = 0;
        await using OpenPermissionGate gate = OpenPermissionGate.Open(
            _mount.Path,
            async (request, _) =>
            {
                _asked.Enqueue(request.Path);
                byte[] first = new byte[1];
                await RandomAccess.ReadAsync(request.File, first, 0, CancellationToken.None);
                return first[0] == 'e' || Interlocked.Increment(ref odd) < 0 ? OpenDecision.Allow : OpenDecision.Deny;
            });
        const string Loop = "i=0; while [ $i -lt 500 ]; do read line 2> /dev/null < f$i && echo $line; i=$((i+1)); done";

        ProgramRun[] runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _mount.Shell(Loop))));

        Assert.All(runs, static run => Assert.Equal((0, 250, 0), (run.ExitCode, run.Output.Split("even").Length - 1, run.Output.Split("odd").Length - 1)));
        Assert.Equal((2000, 1000), (_asked.Count, odd));
    }

    [Theory]
    [InlineData(OpenDecision.Allow)]
    [InlineData(OpenDecision.Deny)]
    public async Task Disposing_answers_who_waits_decided_or_queued(OpenDecision onFailure)
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        OpenPermissionGate gate = OpenPermissionGate.Open(
            _mount.Path,
            async (_, cancellationToken) =>
            {
                asked.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return OpenDecision.Allow;
            },
            new OpenPermissionOptions { MaxConcurrency = 1, OnFailure = onFailure, DecisionTimeout = TimeSpan.FromMinutes(10) });
        Task<ProgramRun>[] runs = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => _mount.Shell("cat clean"), Cancelled))];
        await asked.Task.WaitAsync(Long, Cancelled);

        await gate.DisposeAsync().AsTask().WaitAsync(Long, Cancelled);
        await gate.DisposeAsync();

        ProgramRun[] ended = await Task.WhenAll(runs).WaitAsync(Long, Cancelled);

        // Those that come too late for the gate find none.
        Assert.Contains(ended, run => Is(onFailure, run));
        Assert.All(ended, run => Assert.True(Is(onFailure, run) || Is(OpenDecision.Allow, run), run.ToString()));
        Assert.True(gate.Completion.IsCompletedSuccessfully);
        Assert.Equal("clean\n", _mount.Shell("cat clean").Output);
    }

    [Fact]
    public async Task Killing_the_process_of_the_gate_releases_who_waits()
    {
        using Process host = Start(Path.Combine(AppContext.BaseDirectory, "Symantec.Virtualization.OnAccessHost"), "gate", _mount.Path);
        Assert.Equal("ready", await host.StandardOutput.ReadLineAsync(Cancelled));
        Task<ProgramRun> run = Task.Run(() => _mount.Shell("cat clean"), Cancelled);
        Assert.Equal("asked", await host.StandardOutput.ReadLineAsync(Cancelled));

        host.Kill();

        Assert.Equal("clean\n", (await run.WaitAsync(Long, Cancelled)).Output);
    }

    [Fact]
    public async Task A_host_whose_own_program_is_guarded_never_waits_for_itself()
    {
        // What the runtime loads of it from now on, it loads through its own gate.
        Directory.CreateDirectory(_mount["host"]);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*").Where(IsOfTheHost))
        {
            File.Copy(file, Path.Combine(_mount["host"], Path.GetFileName(file)));
        }

        File.WriteAllText(_mount["odd"], "odd\n");
        File.WriteAllText(_mount["slow"], "slow\n");
        using Process host = Start(_mount["host/Symantec.Virtualization.OnAccessHost"], "allow", _mount.Path);
        try
        {
            Assert.Equal("ready", await host.StandardOutput.ReadLineAsync(Cancelled).AsTask().WaitAsync(Long, Cancelled));
            Assert.Equal("odd\nslow\nclean\n", (await Task.Run(() => _mount.Shell("cat odd slow clean"), Cancelled)).Output);
            host.StandardInput.Close();
            await host.WaitForExitAsync(Cancelled).WaitAsync(Long, Cancelled);
            Assert.Equal(0, host.ExitCode);
        }
        finally
        {
            host.Kill();
        }

        static bool IsOfTheHost(string path) => Path.GetFileName(path) is var name
            && (name.StartsWith("Symantec.Virtualization.OnAccessHost", StringComparison.Ordinal)
                || name.StartsWith("Symantec.Virtualization.Scanning.OnAccess.dll", StringComparison.Ordinal)
                || name.StartsWith("Symantec.Virtualization.Scanning.Core.dll", StringComparison.Ordinal)
                || name.StartsWith("Symantec.Virtualization.Scanning.Files.dll", StringComparison.Ordinal)
                || (name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && name.EndsWith(".dll", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_allowed_file_is_remembered_on_request_until_it_is_written()
    {
        await using OpenPermissionGate gate = Gate(
            static request => request.Path.EndsWith("infected", StringComparison.Ordinal) ? OpenDecision.Deny : OpenDecision.Allow, new() { RememberAllowed = true });

        Assert.Equal("clean\nclean\n", _mount.Shell("cat clean && cat clean").Output);
        Assert.Equal([_mount["clean"]], _asked);

        Assert.Equal("clean\nx\n", _mount.Shell("echo x >> clean && cat clean && cat clean > /dev/null").Output);
        Assert.Equal([_mount["clean"], _mount["clean"]], _asked);

        gate.ForgetAllowed();
        Assert.Equal("clean\nx\n", _mount.Shell("cat clean").Output);
        Assert.Equal(3, _asked.Count);

        AssertIs(OpenDecision.Deny, _mount.Shell("cat infected"));
        AssertIs(OpenDecision.Deny, _mount.Shell("cat infected"));
        Assert.Equal(5, _asked.Count);
    }

    [Fact]
    public async Task Without_the_request_an_allowed_file_is_asked_for_each_time()
    {
        await using OpenPermissionGate gate = Gate(static _ => OpenDecision.Allow);

        Assert.Equal("clean\nclean\n", _mount.Shell("cat clean && cat clean").Output);
        Assert.Equal(2, _asked.Count);
    }

    [Theory]
    [InlineData(OpenPermissionScope.FileSystem, OpenDecision.Deny)]
    [InlineData(OpenPermissionScope.Mount, OpenDecision.Allow)]
    public async Task Another_mount_leads_around_a_mounts_gate_only(OpenPermissionScope scope, OpenDecision decision)
    {
        Directory.CreateDirectory(_mount["folder"]);
        File.WriteAllText(_mount["folder/clean"], "clean\n");
        string bind = _mount.Bind("folder");
        await using OpenPermissionGate gate = Gate(static _ => OpenDecision.Deny, new() { Scope = scope });

        AssertIs(OpenDecision.Deny, _mount.Shell("cat clean"));
        AssertIs(decision, _mount.Shell($"cat '{bind}/clean'"));
    }

    [Fact]
    public async Task Folders_and_pipes_are_not_asked_for()
    {
        await using OpenPermissionGate gate = Gate(static _ => OpenDecision.Deny);

        Assert.Equal("hello\n", _mount.Shell("ls > /dev/null && mkfifo pipe && (echo hello > pipe &) && cat pipe").Output);
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task A_content_is_read_by_the_descriptor_of_the_request()
    {
        ConcurrentQueue<string> read = new();
        await using OpenPermissionGate gate = OpenPermissionGate.Open(
            _mount.Path,
            (request, _) =>
            {
                byte[] bytes = new byte[10];
                int count = request.Content.Read(2, bytes);
                read.Enqueue(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Path.GetFileName(request.Content.Location)} {request.Content.Length} {count} {System.Text.Encoding.ASCII.GetString(bytes[..count]).Trim()}"));
                Assert.Same(request.File, request.Content.FileHandle);
                Assert.True(request.Content.Identity!.ShowsEveryChange);
                File.Move(_mount["clean"], _mount["moved"]);
                File.WriteAllText(_mount["clean"], "");
                using (FileStream cut = new(_mount["moved"], FileMode.Open))
                {
                    cut.SetLength(3);
                }

                read.Enqueue(Assert.Throws<IOException>(() => request.Content.Read(0, bytes)).Message);
                return ValueTask.FromResult(OpenDecision.Allow);
            });

        Assert.Equal("cle", _mount.Shell("cat clean").Output);
        Assert.Equal(["clean 6 4 ean", "it became shorter than 6 bytes while it was read"], read);
    }

    [Theory]
    [InlineData("gate", "sys_admin", "CAP_SYS_ADMIN")]
    [InlineData("changes", "sys_admin", "CAP_SYS_ADMIN")]
    [InlineData("changes", "dac_read_search", "CAP_DAC_READ_SEARCH")]
    public void A_right_that_is_missing_is_named(string what, string without, string named)
    {
        Peer.Require("setpriv");
        ProgramRun run = ProgramRun.Of(
            "setpriv",
            [$"--bounding-set=-{without}", $"--inh-caps=-{without}", Path.Combine(AppContext.BaseDirectory, "Symantec.Virtualization.OnAccessHost"), what, _mount.Path]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(named, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_guarded_is_refused()
    {
        Assert.Contains("There is no", Assert.Throws<OnAccessException>(() => Open("/no/such/folder")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Open(""));

        static OpenPermissionGate Open(string path) => OpenPermissionGate.Open(path, static (_, _) => ValueTask.FromResult(OpenDecision.Allow));
    }

    private static void AssertIs(OpenDecision decision, ProgramRun run) => Assert.True(Is(decision, run), $"{decision}: {run}");

    private static bool Is(OpenDecision decision, ProgramRun run) => decision == OpenDecision.Allow
        ? run is { ExitCode: 0, Output: "clean\n" }
        : run is { ExitCode: 1, Output: "" } && run.Errors.Contains(NotPermitted, StringComparison.Ordinal);

    private OpenPermissionGate Gate(Func<OpenRequest, OpenDecision> decide, OpenPermissionOptions? options = null) => OpenPermissionGate.Open(
        _mount.Path,
        (request, _) =>
        {
            _asked.Enqueue(request.Path);
            return ValueTask.FromResult(decide(request));
        },
        options,
        _logger);

    private Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(program, arguments) { WorkingDirectory = _mount.Path, RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
