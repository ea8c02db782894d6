using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>One session with clamd, in which one content is scanned after the other. For one thread at a time.</summary>
/// <remarks>
/// Commands and replies end with a zero byte. Within a session each reply begins with the number of its request, from 1. Source: clamd(8), "COMMANDS".
/// </remarks>
internal sealed class ClamdConnection : IDisposable
{
    /// <summary>No reply of clamd is nearly as long; more is not read.</summary>
    private const int MaxReply = 16 << 10;

    private readonly Socket _socket;
    private readonly ClamdOptions _options;
    private readonly byte[] _output = new byte[64 << 10];
    private readonly byte[] _input = new byte[MaxReply];
    private int _pending;
    private int _received;
    private long _requests;

    private ClamdConnection(Socket socket, ClamdOptions options)
    {
        _socket = socket;
        _options = options;
    }

    /// <summary>Gets or sets what clamd keeps to itself, as far as it is known; <see langword="null"/> if it tells of limits and of what is encrypted.</summary>
    public string? Silence { get; set; }

    /// <summary>Gets or sets the definitions that clamd had when it was last asked, in this session.</summary>
    public DefinitionSet? Definitions { get; set; }

    /// <summary>Gets or sets when clamd was last asked for its definitions, as a time stamp of the engine's clock.</summary>
    public long Asked { get; set; }

    /// <summary>Gets or sets when the connection was last used.</summary>
    public long Used { get; set; }

    /// <summary>Connects and begins a session.</summary>
    /// <exception cref="ClamdFault">It cannot be done.</exception>
    /// <exception cref="OperationCanceledException">The scan was ended.</exception>
    public static ClamdConnection Open(ClamdOptions options, CancellationToken cancellationToken)
    {
        bool isUnix = options.EndPoint is UnixDomainSocketEndPoint;
        Socket socket = isUnix ? new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(options.ConnectTimeout);
        try
        {
            socket.ConnectAsync(options.EndPoint, timeout.Token).AsTask().GetAwaiter().GetResult();
            socket.SendTimeout = socket.ReceiveTimeout = (int)Math.Min(int.MaxValue, Math.Ceiling(options.ReplyTimeout.TotalMilliseconds));
            ClamdConnection connection = new(socket, options);
            connection.Send("zIDSESSION\0"u8);
            return connection;
        }
        catch (Exception e)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw e switch
            {
                SocketException fault => ClamdFault.Of(fault, options.EndPoint.ToString()!, options.ConnectTimeout),
                OperationCanceledException => ClamdFault.Of(new SocketException((int)SocketError.TimedOut), options.EndPoint.ToString()!, options.ConnectTimeout),
                _ => new ClamdFault($"clamd at {options.EndPoint} cannot be reached: {e.Message}", mayPass: false, e),
            };
        }
    }

    /// <summary>Asks a question.</summary>
    /// <returns>The answer.</returns>
    /// <exception cref="ClamdFault">There is none.</exception>
    public string Ask(string command)
    {
        Send(Encoding.ASCII.GetBytes($"z{command}\0"));
        return Reply();
    }

    /// <summary>Sends a content to be scanned.</summary>
    /// <returns>What clamd says of it.</returns>
    /// <exception cref="ClamdFault">The talk broke.</exception>
    /// <exception cref="IOException">The content cannot be read; the connection can then not be used again.</exception>
    public string Stream(ScanContent content, CancellationToken cancellationToken)
    {
        long length = content.Length;
        long sent = 0;
        Send("zINSTREAM\0"u8);
        try
        {
            ContentPass.Run(content, SendChunk, HoleHandling.HandOnZeros, cancellationToken);
            if (sent != length)
            {
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"it had {sent:N0} bytes instead of {length:N0} when it was read"));
            }

            Send([0, 0, 0, 0]);
        }
        catch (ClamdFault e) when (e.InnerException is SocketException)
        {
            // clamd hangs up on a stream that is too long, and says so first.
            return TryReply() ?? throw new ClamdFault(e.Message, e.MayPass, e);
        }

        return Reply();

        void SendChunk(long offset, ReadOnlySpan<byte> bytes)
        {
            Span<byte> size = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(size, bytes.Length);
            Send(size);
            Send(bytes);
            sent += bytes.Length;
        }
    }

    /// <summary>Hands over an open file to be scanned.</summary>
    /// <returns>What clamd says of it.</returns>
    /// <exception cref="ClamdFault">The talk broke.</exception>
    public string Pass(SafeFileHandle file)
    {
        Send("zFILDES\0"u8);
        Guarded(() =>
        {
            Flush();
            DescriptorPassing.Send(_socket, file);
        });
        return Reply();
    }

    /// <summary>Ends the session; also from another thread, where one waits for an answer.</summary>
    public void Dispose() => _socket.Dispose();

    private string? TryReply()
    {
        try
        {
            _pending = 0;
            return Reply();
        }
        catch (ClamdFault)
        {
            return null;
        }
    }

    /// <summary>Sends bytes, small ones together with what comes next.</summary>
    private void Send(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _output.Length - _pending)
        {
            Guarded(Flush);
        }

        if (bytes.Length <= _output.Length)
        {
            bytes.CopyTo(_output.AsSpan(_pending));
            _pending += bytes.Length;
            return;
        }

        try
        {
            SendAll(bytes);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Fault(e);
        }
    }

    private void Flush()
    {
        SendAll(_output.AsSpan(0, _pending));
        _pending = 0;
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Reads the reply to the request that was sent last.</summary>
    private string Reply()
    {
        string reply = "";
        Guarded(() =>
        {
            Flush();
            reply = Receive();
        });
        string number = string.Create(CultureInfo.InvariantCulture, $"{++_requests}: ");
        return reply.StartsWith(number, StringComparison.Ordinal)
            ? reply[number.Length..]
            : throw new ClamdFault($"clamd at {_options.EndPoint} answered \"{PrintableText.Escape(reply)}\" to request {number.TrimEnd(' ', ':')}", mayPass: true);
    }

    private string Receive()
    {
        // A time for the whole reply: one that comes byte by byte would stay below any time for each.
        long deadline = Environment.TickCount64 + _socket.ReceiveTimeout;
        int searched = 0;
        while (true)
        {
            int end = _input.AsSpan(searched, _received - searched).IndexOf((byte)0);
            if (end >= 0)
            {
                string reply = Encoding.UTF8.GetString(_input, 0, searched + end);
                _received -= searched + end + 1;
                _input.AsSpan(searched + end + 1, _received).CopyTo(_input);
                return reply;
            }

            searched = _received;
            int count = _received == _input.Length || Environment.TickCount64 > deadline ? 0 : _socket.Receive(_input.AsSpan(_received));
            if (count == 0)
            {
                throw new SocketException((int)(Environment.TickCount64 > deadline ? SocketError.TimedOut : SocketError.ConnectionReset));
            }

            _received += count;
        }
    }

    private void Guarded(Action talk)
    {
        try
        {
            talk();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Fault(e);
        }
    }

    private ClamdFault Fault(Exception e) => e is SocketException fault
        ? ClamdFault.Of(fault, _options.EndPoint.ToString()!, _options.ReplyTimeout)
        : new ClamdFault($"the connection to clamd at {_options.EndPoint} was closed", mayPass: true, e);
}
