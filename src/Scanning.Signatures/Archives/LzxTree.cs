namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A canonical Huffman code of an LZX stream.</summary>
internal sealed class LzxTree(string name)
{
    private const int MaxLength = 16;
    private const int PreSymbols = 20;

    private ushort[] _symbols = [];
    private byte[] _lengths = [];
    private int _bits;

    /// <summary>Makes the code from the lengths of its words.</summary>
    /// <exception cref="InvalidDataException">There can be no such code.</exception>
    public void Build(ReadOnlySpan<byte> lengths)
    {
        _bits = 0;
        foreach (byte length in lengths)
        {
            _bits = Math.Max(_bits, length);
        }

        if (_bits > MaxLength)
        {
            throw new InvalidDataException($"a word of {_bits} bits in the LZX {name} tree");
        }

        _symbols = new ushort[1 << _bits];
        _lengths = lengths.ToArray();
        int at = 0;
        for (int length = 1; length <= _bits; length++)
        {
            int span = 1 << (_bits - length);
            for (int symbol = 0; symbol < lengths.Length; symbol++)
            {
                if (lengths[symbol] != length)
                {
                    continue;
                }

                if (at + span > _symbols.Length)
                {
                    throw new InvalidDataException($"too many words in the LZX {name} tree");
                }

                _symbols.AsSpan(at, span).Fill((ushort)symbol);
                at += span;
            }
        }

        // A tree may be empty as long as nobody uses it.
        if (at < _symbols.Length && _bits > 0)
        {
            throw new InvalidDataException($"too few words in the LZX {name} tree");
        }
    }

    public int Take(ref LzxBits bits)
    {
        if (_bits == 0)
        {
            throw new InvalidDataException($"the LZX {name} tree is empty");
        }

        int symbol = _symbols[bits.Peek(_bits)];
        bits.Skip(_lengths[symbol]);
        return symbol;
    }

    /// <summary>Reads the lengths of a tree's words, which are written as differences to those of the tree before, with a small tree of their own.</summary>
    public static void ReadLengths(ref LzxBits bits, Span<byte> lengths)
    {
        byte[] own = new byte[PreSymbols];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = (byte)bits.Take(4);
        }

        LzxTree pre = new("pre");
        pre.Build(own);
        for (int i = 0; i < lengths.Length;)
        {
            int symbol = pre.Take(ref bits);
            int run = symbol switch
            {
                17 => bits.Take(4) + 4,
                18 => bits.Take(5) + 20,
                19 => bits.Take(1) + 4,
                _ => 1,
            };
            bool isZero = symbol is 17 or 18;
            if (symbol == 19)
            {
                symbol = pre.Take(ref bits);
            }

            if (run > lengths.Length - i || (!isZero && symbol > 16))
            {
                throw new InvalidDataException("a run leads out of an LZX tree");
            }

            byte length = (byte)(isZero ? 0 : (lengths[i] - symbol + 17) % 17);
            lengths.Slice(i, run).Fill(length);
            i += run;
        }
    }
}
