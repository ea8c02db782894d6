using System.Net;
using System.Net.Sockets;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>A listener that answers with any bytes, or with none.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<NetworkStream, CancellationToken, Task> _serve;
    private readonly Task _accepting;
    private int _connections;

    public ScriptedServer(Func<NetworkStream, CancellationToken, Task> serve)
    {
        _serve = serve;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>A listener that takes connections and says nothing.</summary>
    public static ScriptedServer Silent() => new(static (_, token) => Task.Delay(Timeout.Infinite, token));

    /// <summary>A listener that reads a request and answers with bytes, over and over.</summary>
    public static ScriptedServer Answering(Func<byte[]> answer) => new(async (stream, token) =>
    {
        while (await ReadRequestAsync(stream, token))
        {
            await stream.WriteAsync(answer(), token);
        }
    });

    /// <summary>A listener that is not there: its port is free.</summary>
    public static async Task<Uri> DeadAsync()
    {
        await using ScriptedServer server = Silent();
        return server.Address;
    }

    /// <summary>Reads a request with its body.</summary>
    public static async Task<bool> ReadRequestAsync(NetworkStream stream, CancellationToken token)
    {
        List<byte> head = [];
        byte[] one = new byte[1];
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, token) == 0)
            {
                return false;
            }

            head.Add(one[0]);
        }

        string? length = System.Text.Encoding.ASCII.GetString([.. head]).Split("\r\n")
            .FirstOrDefault(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        if (length is not null)
        {
            await stream.ReadExactlyAsync(new byte[int.Parse(length.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture)], token);
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> served = [];
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stopping.Token);
                Interlocked.Increment(ref _connections);
                served.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            await _serve(stream, _stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client went, or the test is over.
        }
    }
}
