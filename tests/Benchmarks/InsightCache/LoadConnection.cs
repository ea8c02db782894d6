using System.Buffers.Text;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Symantec.Virtualization.Benchmarks.InsightCache;

/// <summary>One connection of a load: sends what is ready, and reads whole answers without looking at more of them than their ends.</summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[1 << 20];

    public LoadConnection(int port, bool tls)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Connect(IPAddress.Loopback, port);
        NetworkStream network = new(_socket);
        if (!tls)
        {
            _stream = network;
            return;
        }

        // The benchmark's own server, with a certificate of its own making.
        SslStream secure = new(network, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.Subject == "CN=localhost");
        secure.AuthenticateAsClient("localhost");
        _stream = secure;
    }

    /// <summary>Gets whether something has come.</summary>
    public bool HasAnswer => _socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    /// <summary>Sends a request; over TLS in the pieces in which HttpClient sends what our client writes.</summary>
    public void Send(byte[] request)
    {
        int sent = _stream is SslStream ? Math.Min(4096, request.Length) : request.Length;
        _stream.Write(request, 0, sent);
        for (; sent < request.Length; sent += 8000)
        {
            _stream.Write(request, sent, Math.Min(8000, request.Length - sent));
        }
    }

    /// <summary>Reads an answer to its end.</summary>
    /// <param name="protocol">How it ends.</param>
    /// <param name="count">How many contents were asked for.</param>
    /// <returns>The answer.</returns>
    public ReadOnlySpan<byte> Receive(string protocol, int count)
    {
        int length = 0;
        while (length == 0 || !IsWhole(protocol, count, _buffer.AsSpan(0, length)))
        {
            int read = _stream.Read(_buffer.AsSpan(length));
            length += read > 0 ? read : throw new IOException("The server has closed the connection.");
        }

        return _buffer.AsSpan(0, length);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private static bool IsWhole(string protocol, int count, ReadOnlySpan<byte> answer) => protocol switch
    {
        "mget" => answer[0] == (byte)'+' ? answer.EndsWith("\r\n"u8) : IsWholeArray(answer, count),
        "memcached" => answer.EndsWith("END\r\n"u8),
        "stored" => answer.Count("STORED"u8) == count && answer.EndsWith("\r\n"u8),
        "raw" => answer.Length >= 32 + (2 * ((count + 7) / 8)),
        _ => IsWholeHttp(answer),
    };

    private static bool IsWholeHttp(ReadOnlySpan<byte> answer)
    {
        int end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        if (!answer.StartsWith("HTTP/1.1 20"u8))
        {
            throw new IOException(System.Text.Encoding.UTF8.GetString(answer));
        }

        int at = answer[..end].IndexOf("Content-Length: "u8);
        return at < 0
            ? answer.EndsWith("0\r\n\r\n"u8)
            : Utf8Parser.TryParse(answer[(at + 16)..], out int length, out _) && answer.Length >= end + 4 + length;
    }

    /// <summary>Each reply of an array is "$8", a line with a value, or "$-1".</summary>
    private static bool IsWholeArray(ReadOnlySpan<byte> answer, int count)
    {
        int start = answer.IndexOf((byte)'\n') + 1;
        if (start == 0 || !answer.EndsWith("\r\n"u8))
        {
            return false;
        }

        int replies = answer[start..].Count((byte)'$');
        int misses = answer[start..].Count("$-1\r\n"u8);
        return replies == count && answer.Length - start == (misses * 5) + ((count - misses) * 14);
    }
}
