using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Writes entries of the shared log so that whoever can write to it, and does not know the cluster's secret, can neither make nor change one. Immutable, safe for concurrent use.</summary>
/// <remarks>
/// <code>
///  0  4  magic    "ICR1"
///  4  1  kind     EntryKind
///  5 16  server   the writer's number, little-endian as all numbers
/// 21  8  counter  from 1 on
/// 29  8  time     ticks of 100 nanoseconds from year 1 on, UTC
/// 37     payload
///    32  seal     HMAC-SHA-256 over the length of the log's name (4 bytes), its UTF-8, and everything before
/// </code>
/// An entry that is moved to another log does not fit its seal. One that comes again does: <see cref="ReplayGuard"/> is for that.
/// </remarks>
internal sealed class EntrySeal
{
    /// <summary>The longest entry: votes for a full batch, and the names of their client and lane.</summary>
    public const int MaxLength = 1 << 18;

    private const uint Magic = 0x31524349;
    private const int HeaderSize = 37;

    private readonly byte[] _key;
    private readonly byte[] _context;

    /// <summary>Initializes a new instance of the <see cref="EntrySeal"/> class.</summary>
    /// <param name="secret">The cluster's secret.</param>
    /// <param name="log">The log's name.</param>
    public EntrySeal(byte[] secret, string log)
    {
        _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, SHA256.HashSizeInBytes, info: "insight cache log entry"u8.ToArray());
        byte[] name = Encoding.UTF8.GetBytes(log);
        _context = new byte[sizeof(int) + name.Length];
        BinaryPrimitives.WriteInt32LittleEndian(_context, name.Length);
        name.CopyTo(_context, sizeof(int));
    }

    /// <summary>Writes an entry.</summary>
    public byte[] Seal(in EntryHeader header, ReadOnlySpan<byte> payload)
    {
        byte[] entry = new byte[HeaderSize + payload.Length + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, Magic);
        entry[4] = (byte)header.Kind;
        BinaryPrimitives.WriteUInt128LittleEndian(entry.AsSpan(5), header.Server);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(21), header.Counter);
        BinaryPrimitives.WriteInt64LittleEndian(entry.AsSpan(29), header.Time.UtcTicks);
        payload.CopyTo(entry.AsSpan(HeaderSize));
        int length = HeaderSize + payload.Length;
        Compute(entry.AsSpan(0, length), entry.AsSpan(length));
        return entry;
    }

    /// <summary>Reads an entry.</summary>
    /// <returns><see langword="false"/> if no server of this cluster has written it for this log.</returns>
    public bool TryOpen(ReadOnlyMemory<byte> entry, out EntryHeader header, out ReadOnlyMemory<byte> payload)
    {
        header = default;
        payload = default;
        int length = entry.Length - SHA256.HashSizeInBytes;
        if (length < HeaderSize || entry.Length > MaxLength)
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = entry.Span;
        Span<byte> seal = stackalloc byte[SHA256.HashSizeInBytes];
        Compute(bytes[..length], seal);
        long ticks = BinaryPrimitives.ReadInt64LittleEndian(bytes[29..]);
        if (!CryptographicOperations.FixedTimeEquals(seal, bytes[length..])
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || ticks < DateTimeOffset.MinValue.Ticks
            || ticks > DateTimeOffset.MaxValue.Ticks)
        {
            return false;
        }

        header = new EntryHeader(
            (EntryKind)bytes[4],
            BinaryPrimitives.ReadUInt128LittleEndian(bytes[5..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[21..]),
            new DateTimeOffset(ticks, TimeSpan.Zero));
        payload = entry[HeaderSize..length];
        return true;
    }

    private void Compute(ReadOnlySpan<byte> content, Span<byte> seal)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData(_context);
        hash.AppendData(content);
        hash.GetHashAndReset(seal);
    }
}
