using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration;

/// <summary>An example host as a process of its own, run as its users run it. What it prints is kept, and can be waited for.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(string program, IEnumerable<string> arguments, (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Exited += (_, _) => Tell();
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Gets what it printed so far.</summary>
    public string Log
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>Finds a program of the examples: each is built into a folder of its own, of the same name.</summary>
    public static string ProgramOf(string host) => Path.Combine(Repository.Root, "artifacts", "bin", host, Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), host);

    public static HostProcess Start(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment) => new(program, arguments, environment);

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until it has printed so many lines that hold a text; fails with what it printed if it ends before, or takes too long.</summary>
    public async Task WaitForAsync(string text, int times = 1)
    {
        while (true)
        {
            Task more;
            lock (_lines)
            {
                if (_lines.Count(line => line.Contains(text, StringComparison.Ordinal)) >= times)
                {
                    return;
                }

                more = _more.Task;
            }

            Assert.False(_process.HasExited, $"It ended and never said \"{text}\":\n{Log}");
            try
            {
                await more.WaitAsync(Long, TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"It never said \"{text}\":\n{Log}");
            }
        }
    }

    /// <summary>Ends it as a machine does that loses its power.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it as a service manager does.</summary>
    public async Task<int> StopAsync()
    {
        Signal("TERM");
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Signal(string name) => Peer.Run("kill", $"-{name}", $"{_process.Id}");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }

            Tell();
        }
    }

    private void Tell()
    {
        TaskCompletionSource more;
        lock (_lines)
        {
            more = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        more.SetResult();
    }
}
