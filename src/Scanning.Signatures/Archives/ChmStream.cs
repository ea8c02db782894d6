using System.Numerics;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Where the packed frames of a compiled help file are.</summary>
internal sealed record ChmFrames
{
    private const int TableHeaderSize = 0x28;

    public required long Start { get; init; }

    public required int WindowBits { get; init; }

    /// <summary>Gets after how many frames the unpacker forgets all that was before.</summary>
    public required long ResetInterval { get; init; }

    public required long Table { get; init; }

    public required long Count { get; init; }

    public required long PackedLength { get; init; }

    public required long Length { get; init; }

    /// <exception cref="ArchiveFormatException">The tables make no sense.</exception>
    public static ChmFrames Read(MemberWalk walk, long content, long control, long table)
    {
        byte[] header = new byte[TableHeaderSize];
        walk.Read(control, header.AsSpan(0, 0x18), "ChmControlData");
        HeaderBytes fields = new(header);
        uint interval = fields.U32(0xC);
        uint window = fields.U32(0x10);

        // Version 2 counts frames, version 1 bytes.
        bool isFrames = fields.U32(8) == 2;
        long windowSize = isFrames ? (long)window * LzxDecoder.FrameSize : window;
        long reset = isFrames ? interval : interval / LzxDecoder.FrameSize;
        if (!BitOperations.IsPow2(windowSize) || windowSize > 1 << 21 || reset == 0)
        {
            throw new ArchiveFormatException($"ChmControlData at 0x{control:X}: a window of {windowSize} bytes, reset every {reset} frames");
        }

        walk.Read(table, header, "ChmResetTable");
        ulong length = fields.U64(0x10);
        ulong packed = fields.U64(0x18);
        if (fields.U32(8) != 8 || fields.U64(0x20) != LzxDecoder.FrameSize || length > long.MaxValue || packed > (ulong)walk.Container.Length)
        {
            throw new ArchiveFormatException($"ChmResetTable at 0x{table:X}: {length} bytes from {packed}, in frames of {fields.U64(0x20)}");
        }

        return new ChmFrames
        {
            Start = content,
            WindowBits = BitOperations.Log2((ulong)windowSize),
            ResetInterval = reset,
            Table = table + fields.U32(0xC),
            Count = fields.U32(4),
            PackedLength = (long)packed,
            Length = (long)length,
        };
    }
}

/// <summary>Unpacks the files of a compiled help file that are packed together.</summary>
internal sealed class ChmStream(MemberWalk walk, ChmFrames frames) : FrameStream
{
    /// <summary>A frame that cannot be packed takes little more than its own length.</summary>
    private const int MaxPacked = 2 * FrameSize;

    private readonly LzxDecoder _lzx = new(frames.WindowBits);
    private long _next;

    protected override int ReadFrame(byte[] frame)
    {
        int count = (int)Math.Clamp(frames.Length - (_next * FrameSize), 0, FrameSize);
        if (count == 0 || _next >= frames.Count)
        {
            return 0;
        }

        if (_next % frames.ResetInterval == 0)
        {
            _lzx.Reset();
        }

        long start = PackedOffset(_next);
        long end = _next + 1 < frames.Count ? PackedOffset(_next + 1) : frames.PackedLength;
        if (start < 0 || end < start || end - start > MaxPacked)
        {
            throw new InvalidDataException($"ChmResetTable: frame {_next} from {start} to {end}");
        }

        byte[] packed = new byte[end - start];
        walk.Read(frames.Start + start, packed, "ChmFrame");
        _lzx.Decode(packed, frame.AsSpan(0, count));
        _next++;
        return count;
    }

    private long PackedOffset(long frame)
    {
        Span<byte> entry = stackalloc byte[8];
        walk.Read(frames.Table + (frame * 8), entry, "ChmResetTable");
        return (long)Math.Min(new HeaderBytes(entry).U64(0), long.MaxValue);
    }
}
