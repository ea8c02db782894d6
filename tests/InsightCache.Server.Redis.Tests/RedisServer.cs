using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Redis.Tests;

/// <summary>A real redis-server on a free port of the loopback, without persistence: what it held ends with it.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _arguments;
    private Process? _process;

    private RedisServer(int port, string[] arguments)
    {
        Port = port;
        _arguments = arguments;
    }

    public int Port { get; }

    /// <summary>Gets the configuration of a client that finds out quickly that the server is gone.</summary>
    public string Configuration => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port},connectTimeout=1000,asyncTimeout=2000,syncTimeout=2000,keepAlive=1");

    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        Peer.Require("redis-server");
        RedisServer server = new(FreePort(), arguments);
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        ProcessStartInfo start = new("redis-server", [
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", _folder.Path, "--logfile", _folder["log"], .. _arguments]);
        _process = Process.Start(start)!;
        await Wait.UntilAsync(Answers, "redis-server listens");
    }

    /// <summary>Ends it as a power cut does.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Connects as somebody does who is no server of the cluster.</summary>
    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(Configuration);

    public ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            Kill();
        }

        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static int FreePort()
    {
        // A cluster's nodes also take the port 10,000 above.
        while (true)
        {
            using TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            if (((IPEndPoint)listener.LocalEndpoint).Port is var port and < 55_000)
            {
                return port;
            }
        }
    }

    private bool Answers()
    {
        try
        {
            using TcpClient client = new("127.0.0.1", Port);
            client.GetStream().Write("PING\r\n"u8);
            byte[] answer = new byte[7];
            return client.GetStream().ReadAtLeast(answer, answer.Length, throwOnEndOfStream: false) == answer.Length && answer.AsSpan().SequenceEqual("+PONG\r\n"u8);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }
}
