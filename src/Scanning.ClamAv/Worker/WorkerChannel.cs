using System.Buffers.Binary;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>Frames in both directions between a host and its worker. For one thread at a time.</summary>
/// <remarks>
/// A frame is its kind (1 byte), the length of what follows (4 bytes, little-endian) and that. Texts are as <see cref="BinaryWriter"/> writes them. Whatever took a
/// worker over talks to the host through this, so each length and number meets a bound first.
/// </remarks>
internal sealed class WorkerChannel(Stream input, Stream output)
{
    /// <summary>The most bytes that are read of a content at once.</summary>
    public const int MaxRead = 256 << 10;

    private const int HeaderSize = 5;

    private readonly byte[] _frame = new byte[HeaderSize + MaxRead];
    private readonly byte[] _received = new byte[MaxRead];

    /// <summary>Sends a frame whose fields a function writes.</summary>
    public void Send(WorkerFrameKind kind, Action<BinaryWriter> write)
    {
        using MemoryStream stream = new();
        using (BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true))
        {
            write(writer);
        }

        Send(kind, stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <summary>Sends a frame.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="payload">What it holds; at most <see cref="MaxRead"/> bytes.</param>
    public void Send(WorkerFrameKind kind, ReadOnlySpan<byte> payload)
    {
        payload.CopyTo(_frame.AsSpan(HeaderSize));
        _frame[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(_frame.AsSpan(1), payload.Length);
        output.Write(_frame, 0, HeaderSize + payload.Length);
        output.Flush();
    }

    /// <summary>Waits for a frame.</summary>
    /// <param name="payload">What it holds; valid up to the next one.</param>
    /// <exception cref="EndOfStreamException">The other side has ended.</exception>
    /// <exception cref="InvalidDataException">It is no frame.</exception>
    public WorkerFrameKind Receive(out ReadOnlyMemory<byte> payload)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        input.ReadExactly(header);
        int length = BinaryPrimitives.ReadInt32LittleEndian(header[1..]);
        if (length is < 0 or > MaxRead)
        {
            throw new InvalidDataException($"a frame claims {length} bytes, and {MaxRead} are the most");
        }

        input.ReadExactly(_received, 0, length);
        payload = _received.AsMemory(0, length);
        return (WorkerFrameKind)header[0];
    }

    /// <summary>Reads the fields of a frame.</summary>
    /// <exception cref="InvalidDataException">They are not what they should be.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> payload, Func<BinaryReader, T> read)
    {
        using MemoryStream stream = new(payload.ToArray());
        using BinaryReader reader = new(stream, Encoding.UTF8);
        try
        {
            return read(reader);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"a frame of {payload.Length} bytes cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes definitions.</summary>
    public static void Write(BinaryWriter writer, DefinitionSet definitions)
    {
        writer.Write(definitions.Engine);
        writer.Write(definitions.Version);
        writer.Write(definitions.Sequence);
        writer.Write(definitions.Published?.ToUnixTimeMilliseconds() ?? long.MinValue);
        writer.Write(definitions.Digest.ToString());
        writer.Write(definitions.SignatureCount);
        writer.Write(definitions.Source);
    }

    /// <summary>Reads definitions.</summary>
    public static DefinitionSet ReadDefinitions(BinaryReader reader) => new()
    {
        Engine = reader.ReadString(),
        Version = reader.ReadString(),
        Sequence = reader.ReadInt64(),
        Published = reader.ReadInt64() is var published && published == long.MinValue ? null : DateTimeOffset.FromUnixTimeMilliseconds(published),
        Digest = ContentHash.Parse(reader.ReadString()),
        SignatureCount = reader.ReadInt64(),
        Source = reader.ReadString(),
    };

    /// <summary>Writes a verdict.</summary>
    public static void Write(BinaryWriter writer, Verdict verdict)
    {
        writer.Write((byte)verdict.Kind);
        writer.Write(verdict.Detail);
    }

    /// <summary>Reads a verdict.</summary>
    public static Verdict ReadVerdict(BinaryReader reader)
    {
        VerdictKind kind = (VerdictKind)reader.ReadByte();
        string detail = reader.ReadString();
        return kind switch
        {
            VerdictKind.Clean => Verdict.Clean,
            VerdictKind.Infected => Verdict.Infected(detail),
            VerdictKind.Incomplete => Verdict.Incomplete(detail),
            VerdictKind.Failed => Verdict.Failed(detail),
            _ => throw new FormatException($"there is no verdict {(byte)kind}"),
        };
    }
}
