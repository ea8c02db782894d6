using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

/// <summary>A clamd that answers by script.</summary>
internal sealed class ScriptedClamd : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<int, int, string, string?> _answer;
    private readonly List<Socket> _sockets = [];

    /// <summary>Begins to listen.</summary>
    /// <param name="answer">
    /// Gets the number of the connection and of the request, from 1, and the command. <see langword="null"/> is silence for ever, an empty text hangs up; all else
    /// is sent, with the request's number for <c>#</c>.
    /// </param>
    public ScriptedClamd(Func<int, int, string, string?> answer)
    {
        _answer = answer;
        _listener.Start();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public EndPoint EndPoint => _listener.LocalEndpoint;

    public int Connections { get; private set; }

    public void Dispose()
    {
        _listener.Stop();
        lock (_sockets)
        {
            _sockets.ForEach(static socket => socket.Dispose());
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.AcceptSocket();
                int number = ++Connections;
                lock (_sockets)
                {
                    _sockets.Add(socket);
                }

                new Thread(() => Talk(socket, number)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private void Talk(Socket socket, int connection)
    {
        try
        {
            using NetworkStream stream = new(socket);
            for (int request = 0; ;)
            {
                string command = Command(stream);
                if (command == "zIDSESSION")
                {
                    continue;
                }

                string? answer = _answer(connection, ++request, command);
                if (answer == "")
                {
                    socket.Dispose();
                    return;
                }

                if (command == "zINSTREAM" && answer is not null)
                {
                    SkipStream(stream);
                }

                if (answer is not null)
                {
                    stream.Write(Encoding.UTF8.GetBytes(answer.Replace("#", request.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The engine hung up.
        }
    }

    private static string Command(NetworkStream stream)
    {
        StringBuilder command = new();
        for (int c = stream.ReadByte(); c != 0; c = stream.ReadByte())
        {
            command.Append(c < 0 ? throw new EndOfStreamException() : (char)c);
        }

        return command.ToString();
    }

    private static void SkipStream(NetworkStream stream)
    {
        byte[] size = new byte[4];
        while (true)
        {
            stream.ReadExactly(size);
            int length = BinaryPrimitives.ReadInt32BigEndian(size);
            if (length == 0)
            {
                return;
            }

            stream.ReadExactly(new byte[length]);
        }
    }
}
