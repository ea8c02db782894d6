using System.Buffers.Binary;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Unpacks LZX, as cabinets and compiled help files use it, frame by frame.</summary>
/// <remarks>Source: Microsoft, "LZX DELTA Compression and Decompression" [MS-PATCH], of which this is the form without a reference; "Microsoft LZX Data Compression Format" (1997).</remarks>
internal sealed class LzxDecoder
{
    /// <summary>A frame unpacks to so many bytes, the last one to fewer.</summary>
    public const int FrameSize = 32 << 10;

    private const int MinMatch = 2;
    private const int Literals = 256;
    private const int LengthSymbols = 249;
    private const int LongLength = 7;
    private const int AlignedBits = 3;
    private const int MaxTranslatedFrames = 32768;

    private readonly byte[] _window;
    private readonly int _slots;
    private readonly byte[] _mainLengths;
    private readonly byte[] _lengthLengths = new byte[LengthSymbols];
    private readonly LzxTree _main = new("main");
    private readonly LzxTree _length = new("length");
    private readonly LzxTree _aligned = new("aligned offset");
    private int _position;
    private int _frames;
    private bool _started;
    private int _translationSize;
    private int _block;
    private int _blockSize;
    private int _blockLeft;
    private uint _r0 = 1;
    private uint _r1 = 1;
    private uint _r2 = 1;

    /// <param name="windowBits">The power of two that is the window's size.</param>
    /// <exception cref="InvalidDataException">It is not from 15 to 21.</exception>
    public LzxDecoder(int windowBits)
    {
        _slots = windowBits switch
        {
            >= 15 and <= 19 => windowBits * 2,
            20 => 42,
            21 => 50,
            _ => throw new InvalidDataException($"a window of 2^{windowBits} bytes"),
        };
        _window = new byte[1 << windowBits];
        _mainLengths = new byte[Literals + (_slots * 8)];
    }

    /// <summary>Forgets all that was unpacked.</summary>
    public void Reset()
    {
        Array.Clear(_mainLengths);
        Array.Clear(_lengthLengths);
        (_r0, _r1, _r2) = (1, 1, 1);
        (_position, _frames, _block, _blockLeft, _translationSize) = (0, 0, 0, 0, 0);
        _started = false;
    }

    /// <summary>Unpacks a frame.</summary>
    /// <param name="packed">The packed bytes of this frame.</param>
    /// <param name="frame">Takes the bytes of the frame; as many as it has.</param>
    /// <exception cref="InvalidDataException">The bytes make no sense.</exception>
    public void Decode(ReadOnlySpan<byte> packed, Span<byte> frame)
    {
        LzxBits bits = new(packed);
        if (!_started)
        {
            _started = true;
            _translationSize = bits.Take(1) == 0 ? 0 : (bits.Take(16) << 16) | bits.Take(16);
        }

        int start = _position;
        for (int done = 0; done < frame.Length;)
        {
            if (_blockLeft == 0)
            {
                StartBlock(ref bits);
            }

            int count = Math.Min(_blockLeft, frame.Length - done);
            int produced = _block == 3 ? CopyStored(ref bits, count) : Unpack(ref bits, count);
            if (produced > _blockLeft || produced > frame.Length - done)
            {
                throw new InvalidDataException("an LZX match leads out of its block or frame");
            }

            done += produced;
            _blockLeft -= produced;
            if (_blockLeft == 0 && _block == 3 && (_blockSize & 1) != 0)
            {
                bits.SkipByte();
            }
        }

        for (int i = 0; i < frame.Length; i++)
        {
            frame[i] = _window[(start + i) & (_window.Length - 1)];
        }

        Translate(frame);
    }

    private void StartBlock(ref LzxBits bits)
    {
        _block = bits.Take(3);
        _blockSize = (bits.Take(8) << 16) | bits.Take(16);
        _blockLeft = _blockSize;
        if (_blockSize == 0)
        {
            throw new InvalidDataException("an LZX block of no bytes");
        }

        switch (_block)
        {
            case 1:
                ReadTrees(ref bits);
                break;
            case 2:
                byte[] lengths = new byte[1 << AlignedBits];
                for (int i = 0; i < lengths.Length; i++)
                {
                    lengths[i] = (byte)bits.Take(3);
                }

                _aligned.Build(lengths);
                ReadTrees(ref bits);
                break;
            case 3:
                bits.StartBytes();
                _r0 = bits.TakeUInt32();
                _r1 = bits.TakeUInt32();
                _r2 = bits.TakeUInt32();
                break;
            default:
                throw new InvalidDataException($"an LZX block of type {_block}");
        }
    }

    private void ReadTrees(ref LzxBits bits)
    {
        LzxTree.ReadLengths(ref bits, _mainLengths.AsSpan(0, Literals));
        LzxTree.ReadLengths(ref bits, _mainLengths.AsSpan(Literals));
        _main.Build(_mainLengths);
        LzxTree.ReadLengths(ref bits, _lengthLengths);
        _length.Build(_lengthLengths);
    }

    private int CopyStored(ref LzxBits bits, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Put(bits.TakeByte());
        }

        return count;
    }

    private int Unpack(ref LzxBits bits, int count)
    {
        int produced = 0;
        while (produced < count)
        {
            int symbol = _main.Take(ref bits);
            if (symbol < Literals)
            {
                Put((byte)symbol);
                produced++;
                continue;
            }

            symbol -= Literals;
            int length = symbol & LongLength;
            if (length == LongLength)
            {
                length += _length.Take(ref bits);
            }

            length += MinMatch;
            uint offset = Offset(ref bits, symbol >> 3);
            if (offset == 0 || offset > _window.Length)
            {
                throw new InvalidDataException($"an LZX match {offset} bytes back");
            }

            for (int i = 0; i < length; i++)
            {
                Put(_window[(_position - (int)offset) & (_window.Length - 1)]);
            }

            produced += length;
        }

        return produced;
    }

    /// <summary>Gets how far back a match begins: one of the last three distances, or a new one.</summary>
    private uint Offset(ref LzxBits bits, int slot)
    {
        switch (slot)
        {
            case 0:
                return _r0;
            case 1:
                (_r0, _r1) = (_r1, _r0);
                return _r0;
            case 2:
                (_r0, _r2) = (_r2, _r0);
                return _r0;
        }

        int extra = slot < 4 ? 0 : Math.Min((slot / 2) - 1, 17);
        uint offset = Base(slot) - 2;
        if (_block == 2 && extra >= AlignedBits)
        {
            offset += (uint)bits.TakeLong(extra - AlignedBits) << AlignedBits;
            offset += (uint)_aligned.Take(ref bits);
        }
        else
        {
            offset += (uint)bits.TakeLong(extra);
        }

        (_r2, _r1, _r0) = (_r1, _r0, offset);
        return offset;
    }

    private static uint Base(int slot) => slot switch
    {
        < 4 => (uint)slot,
        <= 36 => (2u | (uint)(slot & 1)) << ((slot / 2) - 1),

        // From here on every slot has as many distances.
        _ => (1u << 18) + ((uint)(slot - 36) << 17),
    };

    private void Put(byte value)
    {
        _window[_position] = value;
        _position = (_position + 1) & (_window.Length - 1);
    }

    /// <summary>Undoes what was done to the targets of calls in x86 code, so that it packs better.</summary>
    private void Translate(Span<byte> frame)
    {
        const byte Call = 0xE8;
        int at = _frames * FrameSize;
        if (++_frames > MaxTranslatedFrames)
        {
            _frames = MaxTranslatedFrames;
            return;
        }

        for (int i = 0; _translationSize != 0 && i < frame.Length - 10; i++)
        {
            if (frame[i] != Call)
            {
                continue;
            }

            int target = BinaryPrimitives.ReadInt32LittleEndian(frame[(i + 1)..]);
            int here = at + i;
            if (target >= -here && target < _translationSize)
            {
                BinaryPrimitives.WriteInt32LittleEndian(frame[(i + 1)..], target >= 0 ? target - here : target + _translationSize);
            }

            i += 4;
        }
    }
}
