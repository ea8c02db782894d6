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

    /// <summary>Reads a count of things that take bytes of the header themselves, so that there cannot be more than it is long.</summary>
    public long Count(string field)
    {
        long count = Next();
        return count <= header.Length ? count : throw new ArchiveFormatException($"{field} at {_at}: {count} in a header of {header.Length} bytes");
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
    /// <returns>Whether each is there.</returns>
    public List<bool> SkipDigests(long count)
    {
        List<bool> defined = [];
        bool all = Byte() != 0;
        for (byte bits = 0; defined.Count < count; bits = (byte)((bits << 1) & 0xFF))
        {
            bits = !all && defined.Count % 8 == 0 ? Byte() : bits;
            defined.Add(all || (bits & 0x80) != 0);
        }

        foreach (bool _ in defined.Where(static isDefined => isDefined))
        {
            Bytes(4);
        }

        return defined;
    }
}
