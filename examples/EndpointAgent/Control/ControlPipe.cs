using System.IO.Pipes;
using System.Security.Cryptography;
using System.Text;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Where the running agent listens for commands of its own machine: a socket in its data folder, which only its owner reaches; on Windows a pipe that is named after it.</summary>
internal static class ControlPipe
{
    /// <summary>The longest line that either side takes.</summary>
    public const int MaxLine = 16 << 20;

    public static string NameFor(string data)
        => OperatingSystem.IsWindows()
            ? $"endpoint-agent-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(data).ToUpperInvariant())))[..16]}"
            : Path.Combine(Path.GetFullPath(data), "agent.socket");

    public static NamedPipeServerStream Listen(string data) => new(
        NameFor(data), PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);

    /// <summary>Reads a line, as far as its length is bounded; <see langword="null"/> at the end.</summary>
    /// <exception cref="IOException">It is too long.</exception>
    public static async Task<byte[]?> ReadLineAsync(Stream stream, CancellationToken cancellationToken)
    {
        using MemoryStream line = new();
        byte[] one = new byte[4096];
        int read;
        while ((read = await stream.ReadAsync(one, cancellationToken).ConfigureAwait(false)) > 0)
        {
            int end = Array.IndexOf(one, (byte)'\n', 0, read);
            line.Write(one, 0, end < 0 ? read : end);
            if (end >= 0)
            {
                return line.ToArray();
            }

            if (line.Length > MaxLine)
            {
                throw new IOException($"A line of more than {MaxLine:N0} bytes is not taken.");
            }
        }

        return null;
    }
}
