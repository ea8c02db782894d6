using System.Buffers.Binary;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Bits of an LZX stream: 16-bit little-endian words, the highest bit first.</summary>
internal ref struct LzxBits(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;
    private ulong _bits;
    private int _count;

    /// <summary>Takes up to 16 bits.</summary>
    public int Take(int count)
    {
        int value = Peek(count);
        Skip(count);
        return value;
    }

    /// <summary>Takes up to 32 bits.</summary>
    public int TakeLong(int count) => count <= 16 ? Take(count) : (Take(count - 16) << 16) | Take(16);

    /// <summary>Looks at up to 16 bits; behind the end there are zeros.</summary>
    public int Peek(int count)
    {
        while (_count < count)
        {
            uint word = _at + 1 < _bytes.Length ? BinaryPrimitives.ReadUInt16LittleEndian(_bytes[_at..]) : 0u;
            _at += 2;
            _bits = ((_bits << 16) | word) & 0xFFFF_FFFF;
            _count += 16;
        }

        return (int)((_bits >> (_count - count)) & ((1ul << count) - 1));
    }

    /// <exception cref="InvalidDataException">There are not as many.</exception>
    public void Skip(int count)
    {
        _count -= count;

        // A word may have been looked at behind the end, but nothing may be taken of it.
        if (_at - (_count / 8) > _bytes.Length + 1)
        {
            throw new InvalidDataException("an LZX frame ends too early");
        }
    }

    /// <summary>Goes on with bytes, at the next word.</summary>
    public void StartBytes()
    {
        // At least one bit is left out, so that a whole word is when there is none begun.
        if (_count == 0)
        {
            Peek(1);
        }

        _at -= (_count - 1) / 16 * 2;
        _count = 0;
        _bits = 0;
    }

    public byte TakeByte() => _at < _bytes.Length ? _bytes[_at++] : throw new InvalidDataException("an LZX frame ends too early");

    public void SkipByte() => _at++;

    public uint TakeUInt32()
    {
        uint value = 0;
        for (int i = 0; i < 32; i += 8)
        {
            value |= (uint)TakeByte() << i;
        }

        return value;
    }
}
