using System.Diagnostics;
using System.Text;

namespace Symantec.Virtualization.Examples.FullSystem;

/// <summary>One of the example hosts as a process of its own. It ends with this program.</summary>
internal sealed class HostProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<string> _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HostProgram(string name, IEnumerable<string> arguments, Func<string, bool> isReady, (string Disk, string Folder)? mounted)
    {
        (string program, IEnumerable<string> all) = mounted is { } mount ? WithMount(PathOf(name), arguments, mount) : (PathOf(name), arguments);
        ProcessStartInfo start = new(program, all) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data, isReady);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, isReady);
        _process.Exited += (_, _) => _awaited.TrySetException(new InvalidOperationException($"{name} ended before it was ready.{Environment.NewLine}{Output}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Gets the process.</summary>
    public int Id => _process.Id;

    /// <summary>Gets what it printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a host that goes on running, and waits for the line by which it says that it is ready.</summary>
    /// <returns>The host, and that line.</returns>
    /// <param name="name">The host.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="isReady">Knows the line.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="mounted">A disk that is mounted in a folder where this host alone sees it.</param>
    public static async Task<(HostProgram Host, string Line)> StartAsync(
        string name, IEnumerable<string> arguments, Func<string, bool> isReady, CancellationToken cancellationToken, (string Disk, string Folder)? mounted = null)
    {
        HostProgram host = new(name, arguments, isReady, mounted);
        try
        {
            return (host, await host._awaited.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken));
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a host to its end.</summary>
    /// <returns>Its exit code, and what it printed.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(string name, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        await using HostProgram host = new(name, arguments, static _ => false, mounted: null);
        _ = host._awaited.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        await host._process.WaitForExitAsync(cancellationToken);
        return (host._process.ExitCode, host.Output);
    }

    /// <summary>Waits until it has printed something so often.</summary>
    public async Task WaitForAsync(string text, int times, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(atMost);
        try
        {
            while (Output.Split(text).Length <= times)
            {
                await Task.Delay(100, over.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"It never said \"{text}\".{Environment.NewLine}{Output}");
        }
    }

    /// <summary>Tells it to end, as an administrator would, and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = _awaited.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        if (!_process.HasExited)
        {
            await EndAsync();
        }

        _process.Dispose();
    }

    private async Task EndAsync()
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                _process.Kill(entireProcessTree: true);
            }
            else
            {
                using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
                await kill.WaitForExitAsync();
            }

            await _process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    private void Take(string? line, Func<string, bool> isReady)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (isReady(line))
        {
            _awaited.TrySetResult(line);
        }
    }

    /// <summary>Has a disk mounted in a name space of mounts that the program has for itself.</summary>
    private static (string Program, IEnumerable<string> Arguments) WithMount(string program, IEnumerable<string> arguments, (string Disk, string Folder) mount)
        => ("unshare", ["--mount", "--propagation", "private", "sh", "-c", "mount -o loop \"$1\" \"$2\" && shift 2 && exec \"$@\"", "sh", mount.Disk, mount.Folder, program, .. arguments]);

    /// <summary>Finds a host beside this program: each is built into a folder of its own, of the same name.</summary>
    private static string PathOf(string name)
    {
        string own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string configuration = Path.GetFileName(own);
        string file = OperatingSystem.IsWindows() ? $"{name}.exe" : name;
        string[] places = [Path.Combine(own, "..", "..", name, configuration, file), Path.Combine(own, file)];
        return Array.Find(places, File.Exists) ?? throw new FileNotFoundException($"{name} is not built. It was looked for in {string.Join(" and ", places)}.");
    }
}
