using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Puts a part of a pattern together and writes its code. Used again for each part.</summary>
/// <param name="code">Where the code goes.</param>
internal sealed class PartBuilder(ArrayBufferWriter<byte> code)
{
    private const int MaxLength = 16 << 10;

    /// <summary>Each way may have to be tried at each offset. Real signatures have a few.</summary>
    private const int MaxWays = 1024;

    private readonly List<byte> _values = [];
    private readonly List<byte> _masks = [];
    private readonly ArrayBufferWriter<byte> _steps = new();
    private readonly List<Anchor> _anchors = [];
    private int _min;
    private int _max;
    private bool _matchesZeros;
    private bool _hasLiteral;
    private long _ways;
    private (int At, int Length, int Prefix, int Span) _literal;

    /// <summary>Gets the anchors that the part offers, the one that is best in each of its runs.</summary>
    public IReadOnlyList<Anchor> Anchors => _anchors;

    public void Begin()
    {
        _values.Clear();
        _masks.Clear();
        _steps.Clear();
        _anchors.Clear();
        (_min, _max, _matchesZeros, _literal, _hasLiteral, _ways) = (0, 0, true, default, false, 1);
    }

    /// <summary>Adds a byte.</summary>
    public void Add(byte value, byte mask)
    {
        _values.Add((byte)(value & mask));
        _masks.Add(mask);
        _matchesZeros &= (value & mask) == 0;
        if (_max + _values.Count > MaxLength)
        {
            throw new SignatureSyntaxException("body", $"a part is longer than {MaxLength} bytes");
        }
    }

    /// <summary>Adds one byte of a set.</summary>
    public void AddSet(ReadOnlySpan<byte> bits)
    {
        EndRun();
        Step(PartOp.Set);
        _steps.Write(bits);
        _matchesZeros &= (bits[0] & 1) != 0;
        Grow(1, 1);
    }

    /// <summary>Adds one of some runs.</summary>
    public void AddAlternates(IReadOnlyList<ByteRun> options, bool isNegated)
    {
        EndRun();
        int lengths = options.Select(static option => option.Values.Length).Distinct().Count();
        _ways = Math.Min(_ways * lengths, int.MaxValue);
        if (_ways > MaxWays)
        {
            throw new UnsupportedSignatureException($"alternates of so many lengths that a part can be read in more than {MaxWays} ways");
        }

        // Where all are of one length, it does not matter which of them stands there.
        Step(lengths == 1 ? PartOp.Alternates : PartOp.UnevenAlternates);
        Write(isNegated ? (byte)1 : (byte)0);
        WriteLength(options.Count);

        // Those of one length stand together: what follows behind them is tried once.
        foreach (ByteRun option in options.OrderBy(static option => option.Values.Length))
        {
            WriteLength(option.Values.Length);
            _steps.Write(option.Values);
            _steps.Write(option.Masks);
        }

        Grow(options.Min(static option => option.Values.Length), options.Max(static option => option.Values.Length));
    }

    /// <summary>Adds a marker.</summary>
    public void AddMarker(MarkerKind kind, MarkerForms forms)
    {
        EndRun();
        Step(PartOp.Marker);
        Write((byte)kind);
        Write((byte)forms);
        if ((forms & (MarkerForms.Left | MarkerForms.Right)) == 0)
        {
            _matchesZeros &= kind == MarkerKind.Word || (forms & MarkerForms.Negated) != 0;
            Grow(1, kind == MarkerKind.Line ? 2 : 1);
        }
    }

    /// <summary>Adds a byte that stands some way in front of the beginning, or behind the end.</summary>
    public void AddNearby(PartOp step, byte minimum, byte maximum, byte value, byte mask)
    {
        EndRun();
        Step(step);
        Write(minimum);
        Write(maximum);
        Write((byte)(value & mask));
        Write(mask);
    }

    /// <summary>Writes the code.</summary>
    /// <exception cref="SignatureSyntaxException">No two whole bytes stand beside each other, which ClamAV refuses as well.</exception>
    public PartRecord End(int gapMin, int gapMax)
    {
        PartRecord part = new() { GapMin = gapMin, GapMax = gapMax, Code = code.WrittenCount, Forms = _matchesZeros ? PartForms.MatchesZeros : 0 };
        if (_steps.WrittenCount == 0)
        {
            bool isMasked = _masks.Exists(static mask => mask != 0xFF);
            part.Forms |= PartForms.Simple | (isMasked ? PartForms.Masked : 0);
            EndRun(isWholePart: true, isMasked);
        }
        else
        {
            EndRun();
            Step(PartOp.End);
        }

        code.Write(_steps.WrittenSpan);
        if (_anchors.Count == 0)
        {
            throw new SignatureSyntaxException("body", "no two whole bytes stand beside each other in a part");
        }

        part.MinLength = (ushort)_min;
        part.MaxLength = (ushort)_max;
        part.Literal = part.Code + _literal.At;
        part.LiteralLength = (ushort)_literal.Length;
        part.LiteralPrefix = (ushort)_literal.Prefix;
        part.LiteralPrefixSpan = (ushort)_literal.Span;
        return part;
    }

    private void EndRun(bool isWholePart = false, bool isMasked = true)
    {
        if (_values.Count == 0)
        {
            return;
        }

        ReadOnlySpan<byte> values = CollectionsMarshal.AsSpan(_values);
        ReadOnlySpan<byte> masks = CollectionsMarshal.AsSpan(_masks);
        if (!isWholePart)
        {
            Step(PartOp.Literal);
            WriteLength(values.Length);
        }

        NoteLiteral(masks);
        if (Anchor.Choose(values, masks, _min, _max - _min) is { } anchor)
        {
            _anchors.Add(anchor);
        }

        _steps.Write(values);
        if (isMasked)
        {
            _steps.Write(masks);
        }

        Grow(values.Length, values.Length);
        _values.Clear();
        _masks.Clear();
    }

    /// <summary>Remembers the longest stretch of whole bytes; a letter of either case, as long as there is no whole byte.</summary>
    private void NoteLiteral(ReadOnlySpan<byte> masks)
    {
        int letter = masks.IndexOf(unchecked((byte)~HexByte.CaseBit));
        if (_literal.Length == 0 && !_hasLiteral && letter >= 0)
        {
            _literal = (_steps.WrittenCount + letter, 0, _min + letter, _max - _min);
            _hasLiteral = true;
        }

        for (int start = 0; start < masks.Length;)
        {
            int length = masks[start..].IndexOfAnyExcept((byte)0xFF);
            length = length < 0 ? masks.Length - start : length;
            if (length > _literal.Length)
            {
                _literal = (_steps.WrittenCount + start, length, _min + start, _max - _min);
            }

            start += length + 1;
        }
    }

    private void Grow(int min, int max)
    {
        _min += min;
        _max += max;
        if (_max > MaxLength)
        {
            throw new SignatureSyntaxException("body", $"a part is longer than {MaxLength} bytes");
        }
    }

    private void Step(PartOp step) => Write((byte)step);

    private void Write(byte value)
    {
        _steps.GetSpan(1)[0] = value;
        _steps.Advance(1);
    }

    private void WriteLength(int length)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_steps.GetSpan(sizeof(ushort)), checked((ushort)length));
        _steps.Advance(sizeof(ushort));
    }
}

/// <summary>Bytes, and which of their bits count.</summary>
internal readonly record struct ByteRun(byte[] Values, byte[] Masks);
