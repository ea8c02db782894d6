using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>tar: headers of 512 bytes, each in front of a member, which lies there as it is.</summary>
/// <remarks>Source: POSIX.1-2017, "pax Interchange Format"; GNU tar manual, "Basic Tar Format". What a sparse member does not store is left out.</remarks>
internal static class TarFormat
{
    private const int BlockSize = 512;

    /// <summary>Long names and extended headers of real archives have a few KiB.</summary>
    private const int MaxExtension = 1 << 20;

    private static class At
    {
        public const int Size = 124;
        public const int Checksum = 148;
        public const int Type = 156;
        public const int Magic = 257;
        public const int Prefix = 345;
    }

    public static void Open(MemberWalk walk)
    {
        string? longName = null;
        long? longSize = null;
        Span<byte> header = stackalloc byte[BlockSize];
        for (long at = 0; at < walk.Container.Length;)
        {
            walk.Read(at, header, "TarHeader");
            if (!header.ContainsAnyExcept((byte)0))
            {
                // Readers stop at the first empty block, but nothing keeps an archive from going on behind it.
                at += BlockSize;
                continue;
            }

            if (!HasChecksum(header))
            {
                throw new ArchiveFormatException($"TarHeader.Checksum at 0x{at + At.Checksum:X}: is not that of the header");
            }

            long size = longSize ?? Number(header.Slice(At.Size, 12)) ?? throw new ArchiveFormatException($"TarHeader.Size at 0x{at + At.Size:X}: is no number");
            long data = at + BlockSize;
            byte type = header[At.Type];
            if (size < 0 || size > long.MaxValue - data - BlockSize)
            {
                throw new ArchiveFormatException($"TarHeader.Size at 0x{at + At.Size:X}: {size} bytes");
            }

            switch (type)
            {
                case (byte)'L' or (byte)'K' or (byte)'x' or (byte)'g' or (byte)'X':
                    byte[] extension = new byte[Math.Min(size, MaxExtension)];
                    walk.Read(data, extension, "TarExtension");
                    longName = type == 'L' ? Text(extension) : Record(extension, "path", type) ?? longName;
                    longSize = Record(extension, "size", type) is { } stated && long.TryParse(stated, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                        ? number
                        : longSize;
                    break;

                // Links, devices and folders have no bytes, whatever their size field says.
                case (byte)'1' or (byte)'2' or (byte)'3' or (byte)'4' or (byte)'5' or (byte)'6':
                    size = type == '1' ? size : 0;
                    goto default;
                default:
                    if (size > 0 && !walk.DeliverWindow(walk.Info(longName ?? Name(header)) with { PackedLength = size, StatedLength = size }, data, size))
                    {
                        return;
                    }

                    longName = null;
                    longSize = null;
                    break;
            }

            at = data + ((size + BlockSize - 1) / BlockSize * BlockSize);
        }
    }

    private static string Name(ReadOnlySpan<byte> header)
        => header[At.Magic..].StartsWith("ustar\0"u8) && header[At.Prefix] != 0
            ? $"{Text(header.Slice(At.Prefix, 155))}/{Text(header[..100])}"
            : Text(header[..100]);

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    /// <summary>Octal digits, or a big-endian number if the first bit is set.</summary>
    private static long? Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            return BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
        }

        long number = 0;
        foreach (byte digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            number = (number * 8) + (digit - '0');
        }

        return number;
    }

    private static bool HasChecksum(ReadOnlySpan<byte> header)
    {
        long? stated = Number(header.Slice(At.Checksum, 8));
        long unsigned = 8 * ' ';
        long signed = unsigned;
        for (int i = 0; i < BlockSize; i++)
        {
            if (i is < At.Checksum or >= At.Checksum + 8)
            {
                unsigned += header[i];

                // Old programs added up signed bytes.
                signed += unchecked((sbyte)header[i]);
            }
        }

        return stated == unsigned || stated == signed;
    }

    /// <summary>Finds a value in an extended header, whose records are a length, a key and a value.</summary>
    private static string? Record(ReadOnlySpan<byte> records, string key, byte type)
    {
        if (type != 'x')
        {
            return null;
        }

        string? value = null;
        while (records.IndexOf((byte)' ') is > 0 and < 10 and int space)
        {
            if (!int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int length) || length <= space + 1 || length > records.Length)
            {
                break;
            }

            string record = Encoding.UTF8.GetString(records[(space + 1)..length]).TrimEnd('\n');
            value = record.StartsWith(key + "=", StringComparison.Ordinal) ? record[(key.Length + 1)..] : value;
            records = records[length..];
        }

        return value;
    }
}
