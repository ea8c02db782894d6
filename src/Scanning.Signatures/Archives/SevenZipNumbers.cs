using System.Numerics;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads the headers of a 7z archive, whose numbers take as many bytes as their first byte has leading ones.</summary>
internal sealed class SevenZipNumbers(byte[] header)
{
    private int _at;

    /// <exception cref="ArchiveFormatException">The header ends before, or the number is too large for any header.</exception>
    public long Next()
    {
        byte first = Byte();
        int more = Math.Min(8, BitOperations.LeadingZeroCount((uint)(first ^ 0xFF) << 24));
        ulong number = 0;
        for (int i = 0; i < more; i++)
        {
            number |= (ulong)Byte() << (8 * i);
        }

        if (more < 8)
        {
            number |= (ulong)(first & ((1 << (7 - more)) - 1)) << (8 * more);
        }

        return number <= long.MaxValue ? (long)number : throw new ArchiveFormatException($"7zHeader at {_at}: the number {number}");
    }

    public byte Byte() => Bytes(1)[0];

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > header.Length - _at)
        {
            throw new ArchiveFormatException($"7zHeader at {_at}: needs {count} bytes, {header.Length - _at} left");
        }

        _at += count;
        return header.AsSpan(_at - count, count);
    }

    public void Expect(int value, string field)
    {
        if (Next() is var found && found != value)
        {
            throw new ArchiveFormatException($"{field} at {_at}: {found} instead of {value}");
        }
    }

    /// <summary>Skips checksums, each of which may be left out.</summary>
    public void SkipDigests(long count)
    {
        long defined = count;
        if (Byte() == 0)
        {
            defined = 0;
            for (long i = 0; i < count; i += 8)
            {
                defined += BitOperations.PopCount(Byte());
            }
        }

        for (long i = 0; i < defined; i++)
        {
            Bytes(4);
        }
    }
}
