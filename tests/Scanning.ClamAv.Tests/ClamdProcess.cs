using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

/// <summary>A real clamd of the test's own, with definitions of its own, on a Unix socket and a loopback port.</summary>
public sealed class ClamdProcess : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _settings;
    private Process? _process;

    public ClamdProcess()
        : this("AlertExceedsMax yes", "AlertEncrypted yes", "StreamMaxLength 30M", "MaxFiles 1000", "MaxScanSize 50M", "MaxFileSize 50M")
    {
    }

    internal ClamdProcess(params string[] settings)
    {
        Peer.Require("clamd");
        _settings = settings;
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        Tcp = (IPEndPoint)free.LocalEndpoint;
        free.Stop();
        Start();
    }

    public TestDefinitions Definitions { get; } = new();

    public EndPoint Unix => new UnixDomainSocketEndPoint(_folder["clamd.socket"]);

    public IPEndPoint Tcp { get; }

    /// <summary>Starts it, and returns when it listens.</summary>
    public void Start()
    {
        File.WriteAllLines(_folder["clamd.conf"],
        [
            "Foreground yes", $"LocalSocket {_folder["clamd.socket"]}", $"TCPAddr {Tcp.Address}", $"TCPSocket {Tcp.Port}", $"DatabaseDirectory {Definitions.Folder}",
            .. _settings,
        ]);
        ProcessStartInfo start = new("clamd", ["-c", _folder["clamd.conf"]]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin";
        _process = Process.Start(start)!;
        _ = _process.StandardError.ReadToEndAsync();
        string said = "";
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            said += line + "\n";
            if (line.StartsWith("Self checking", StringComparison.Ordinal))
            {
                // What it says from here on is read, so that it never waits for a reader.
                _ = _process.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        throw new InvalidOperationException($"clamd did not start: {said}");
    }

    /// <summary>Kills it, as a crash would.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Lets it load its definitions anew; it goes on meanwhile.</summary>
    public void Reload()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(Unix);
        socket.Send("zRELOAD\0"u8);
        socket.Receive(new byte[100]);
    }

    public void Dispose()
    {
        Kill();
        Definitions.Dispose();
        _folder.Dispose();
    }
}
