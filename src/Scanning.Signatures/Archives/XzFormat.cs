using SharpCompress.Compressors.LZMA;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>xz: streams of blocks, each packed with LZMA2.</summary>
/// <remarks>
/// Source: Lasse Collin, "The .xz File Format" 1.2. The container is read here, so that the size of a block's dictionary meets the limits before an unpacker
/// allocates it; checks of blocks are skipped. Filters in front of LZMA2, which only programs' code is sometimes sent through, are not supported.
/// </remarks>
internal static class XzFormat
{
    public static void Open(MemberWalk walk)
        => walk.Deliver(walk.Info("content") with { PackedLength = walk.Container.Length }, () => new XzStream(walk.Stream(), walk.Limits));
}

/// <summary>Unpacks xz.</summary>
internal sealed class XzStream(ContentStream packed, ArchiveLimits limits) : ForwardStream
{
    private const int HeaderSize = 12;
    private const byte Lzma2 = 0x21;
    private const int MaxDictionaryCode = 40;

    private LzmaStream? _block;
    private long _blockData;
    private bool _inStream;
    private int _checkSize;

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            if (_block is null && !NextBlock())
            {
                return 0;
            }

            int read = _block!.Read(buffer);
            if (read > 0)
            {
                return read;
            }

            _block.Dispose();
            _block = null;
            packed.Position = _blockData + Lzma2Length(_blockData);
            Align(_blockData);
            packed.Position += _checkSize;
        }
    }

    /// <summary>Goes to the next block, over ends and beginnings of streams.</summary>
    private bool NextBlock()
    {
        while (packed.Position < packed.Length)
        {
            if (!_inStream)
            {
                if (!ReadStreamHeader())
                {
                    return false;
                }
            }

            long start = packed.Position;
            int size = packed.ReadByte();
            if (size == 0)
            {
                SkipIndex(start);
                _inStream = false;
                continue;
            }

            if (size < 0)
            {
                break;
            }

            _block = OpenBlock(start, (size + 1) * 4);
            return true;
        }

        return _inStream ? throw new EndOfStreamException("XzStream ends before its index") : false;
    }

    private bool ReadStreamHeader()
    {
        // Streams may be padded with zeros to a multiple of four bytes.
        Span<byte> header = stackalloc byte[HeaderSize];
        while (packed.Read(header[..4]) == 4)
        {
            if (!header[..4].ContainsAnyExcept((byte)0))
            {
                continue;
            }

            packed.ReadExactly(header[4..]);
            if (!header.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            {
                throw new InvalidDataException($"XzStreamHeader.Magic at 0x{packed.Position - HeaderSize:X}: is not that of a stream");
            }

            _checkSize = (header[7] & 0xF) switch { 0 => 0, <= 3 => 4, <= 6 => 8, <= 9 => 16, <= 12 => 32, _ => 64 };
            _inStream = true;
            return true;
        }

        return false;
    }

    private LzmaStream OpenBlock(long start, int size)
    {
        byte[] header = new byte[size];
        packed.Position = start;
        packed.ReadExactly(header);
        int at = 2;
        if ((header[1] & 3) != 0)
        {
            throw new NotSupportedException("filters in front of LZMA2");
        }

        for (int flag = 0x40; flag <= 0x80; flag <<= 1)
        {
            if ((header[1] & flag) != 0)
            {
                Number(header, ref at);
            }
        }

        if (Number(header, ref at) != Lzma2 || Number(header, ref at) != 1 || at >= size || header[at] > MaxDictionaryCode)
        {
            throw new NotSupportedException($"XzBlockHeader.Filter at 0x{start + at:X}: is not LZMA2");
        }

        byte code = header[at];
        Dictionaries.Check(limits, code == MaxDictionaryCode ? uint.MaxValue : (2L | (code & 1)) << ((code / 2) + 11));
        _blockData = start + size;
        return LzmaStream.Create([code], packed, -1, -1, null, isLzma2: true, leaveOpen: true);
    }

    /// <summary>Adds up the chunks of a block, whose headers say how long they are.</summary>
    private long Lzma2Length(long start)
    {
        Span<byte> chunk = stackalloc byte[5];
        packed.Position = start;
        while (true)
        {
            int control = packed.ReadByte();
            if (control <= 0)
            {
                return control == 0 ? packed.Position - start : throw new EndOfStreamException("Lzma2Chunk is cut off");
            }

            bool isPacked = control >= 0x80;
            packed.ReadExactly(chunk[..(isPacked ? 4 : 2)]);
            packed.Position += isPacked
                ? (chunk[2] << 8) + chunk[3] + 1 + (control >= 0xC0 ? 1 : 0)
                : (chunk[0] << 8) + chunk[1] + 1;
        }
    }

    private void SkipIndex(long start)
    {
        long records = Number(packed);
        for (long i = 0; i < records; i++)
        {
            Number(packed);
            Number(packed);
        }

        Align(start);
        packed.Position += 4 + HeaderSize;
    }

    private void Align(long start) => packed.Position += (4 - ((packed.Position - start) % 4)) % 4;

    private static long Number(Stream stream)
    {
        long number = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            int next = stream.ReadByte();
            if (next < 0)
            {
                break;
            }

            number |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new InvalidDataException("XzNumber has no end");
    }

    private static long Number(byte[] header, ref int at)
    {
        using MemoryStream rest = new(header, at, header.Length - at);
        long number = Number(rest);
        at += (int)rest.Position;
        return number;
    }

    protected override void Dispose(bool disposing)
    {
        _block?.Dispose();
        base.Dispose(disposing);
    }
}
