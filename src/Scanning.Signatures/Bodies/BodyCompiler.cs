using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads bodies as signatures write them, in hexadecimal digits with wildcards, and writes their code.</summary>
/// <remarks>
/// Source: ClamAV's documentation, "Body-based signature content format". Parts are separated by gaps; each has at least two whole bytes beside each other.
/// </remarks>
/// <param name="builder">Takes the parts.</param>
internal sealed class BodyCompiler(SignatureImageBuilder builder)
{
    /// <summary>Gaps of a fixed length up to here are bytes of any value.</summary>
    private const int MaxInlineGap = 127;

    private readonly PartBuilder _part = new(builder.Code);

    /// <summary>Compiles a body.</summary>
    /// <param name="text">The body.</param>
    /// <param name="modifiers">What letters behind it change.</param>
    /// <param name="anchors">Takes the anchors that its parts offer.</param>
    /// <returns>The first part, and how many there are.</returns>
    /// <exception cref="SignatureSyntaxException">It is no body.</exception>
    /// <exception cref="UnsupportedSignatureException">It asks for more than this engine does.</exception>
    public (int First, int Count) Compile(ReadOnlySpan<byte> text, PatternModifiers modifiers, List<PartAnchor> anchors)
    {
        int first = builder.Parts.Count;
        (int min, int max) = (0, PartRecord.Unbounded);
        for (ReadOnlySpan<byte> rest = text; ;)
        {
            int end = EndOfPart(rest, out int gapLength);
            bool isFirst = rest.Length == text.Length;
            bool isLast = end == rest.Length;
            _part.Begin();
            CompilePart(rest[..end], modifiers, isFirst, isLast);
            builder.Parts.Add(_part.End(min, max));
            foreach (Anchor anchor in _part.Anchors)
            {
                anchors.Add(new PartAnchor(builder.Parts.Count - 1, anchor));
            }

            if (isLast)
            {
                return (first, builder.Parts.Count - first);
            }

            (min, max) = ParseGap(rest.Slice(end, gapLength));
            rest = rest[(end + gapLength)..];
        }
    }

    /// <summary>Finds the gap that ends a part; the end of the text if there is none.</summary>
    private static int EndOfPart(ReadOnlySpan<byte> text, out int gapLength)
    {
        gapLength = 0;
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'(':
                    depth++;
                    break;
                case (byte)')':
                    depth--;
                    break;
                case (byte)'*' when depth == 0:
                    gapLength = 1;
                    return i;
                case (byte)'{' when depth == 0 && InlineGap(text[i..]) is null:
                    gapLength = Closing(text[i..], (byte)'}') + 1;
                    return i;
                default:
                    break;
            }
        }

        return text.Length;
    }

    /// <summary>Reads <c>{n}</c> for n from 1 to 127.</summary>
    internal static int? InlineGap(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text[1..], out int count, out int used) && used > 0 && count is > 0 and <= MaxInlineGap && text.Length > used + 1 && text[used + 1] == '}'
            ? count
            : null;

    private static (int Min, int Max) ParseGap(ReadOnlySpan<byte> text)
    {
        if (text[0] == '*')
        {
            return (0, PartRecord.Unbounded);
        }

        ReadOnlySpan<byte> range = text[1..^1];
        int dash = range.IndexOf((byte)'-');
        (int min, int max) = dash < 0
            ? (Number(range, text), Number(range, text))
            : (dash == 0 ? 0 : Number(range[..dash], text), dash == range.Length - 1 ? 0 : Number(range[(dash + 1)..], text));
        if (dash < 0 ? range.IsEmpty : range.Length == 1 || (max > 0 && max < min))
        {
            throw Fault($"\"{Quote(text)}\" is no gap");
        }

        // As ClamAV has it, an upper bound of 0 is none.
        return (min, max == 0 ? PartRecord.Unbounded : max);
    }

    private void CompilePart(ReadOnlySpan<byte> text, PatternModifiers modifiers, bool isFirst, bool isLast)
    {
        bool isWide = (modifiers & PatternModifiers.Wide) != 0;
        MarkerForms width = isWide ? MarkerForms.Wide : 0;
        bool isFullWord = (modifiers & PatternModifiers.FullWord) != 0;
        if (isFullWord && isFirst)
        {
            _part.AddMarker(MarkerKind.Word, MarkerForms.Left | width);
        }

        text = CompileBehind(text, modifiers, out (byte Min, byte Max, byte Value, byte Mask)? ahead);
        for (int i = 0; i < text.Length;)
        {
            bool isNegated = text[i] == '!' && i + 1 < text.Length && text[i + 1] == '(';
            if (text[i] == '(' || isNegated)
            {
                int open = isNegated ? i + 1 : i;
                int close = open + ClosingParenthesis(text[open..]);
                CompileGroup(text[(open + 1)..close], isNegated, isStart: open == 0, isEnd: close + 1 == text.Length, modifiers, width);
                i = close + 1;
            }
            else if (text[i] == '{' && InlineGap(text[i..]) is { } count)
            {
                for (int j = 0; j < count; j++)
                {
                    _part.Add(0, 0);
                }

                i += Closing(text[i..], (byte)'}') + 1;
            }
            else
            {
                (byte value, byte mask) = HexByte.Parse(text[i..], modifiers);
                _part.Add(value, mask);
                if (isWide)
                {
                    _part.Add(0, 0xFF);
                }

                i += 2;
            }
        }

        if (ahead is { } nearby)
        {
            _part.AddNearby(PartOp.Ahead, nearby.Min, nearby.Max, nearby.Value, nearby.Mask);
        }

        if (isFullWord && isLast)
        {
            _part.AddMarker(MarkerKind.Word, MarkerForms.Right | width);
        }
    }

    /// <summary>Takes <c>aa[x-y]</c> off the beginning and <c>[x-y]aa</c> off the end.</summary>
    private ReadOnlySpan<byte> CompileBehind(
        ReadOnlySpan<byte> text, PatternModifiers modifiers, out (byte Min, byte Max, byte Value, byte Mask)? ahead)
    {
        ahead = null;
        if (text.IndexOf((byte)'[') == 2)
        {
            int close = 2 + Closing(text[2..], (byte)']');
            (byte min, byte max) = ParseDistance(text[3..close]);
            (byte value, byte mask) = HexByte.Parse(text, modifiers);
            _part.AddNearby(PartOp.Behind, min, max, value, mask);
            text = text[(close + 1)..];
        }

        int open = text.IndexOf((byte)'[');
        if (open >= 0)
        {
            int close = open + Closing(text[open..], (byte)']');
            if (text.Length - close != 3)
            {
                throw Fault("a range in brackets stands beside more than one byte");
            }

            (byte min, byte max) = ParseDistance(text[(open + 1)..close]);
            (byte value, byte mask) = HexByte.Parse(text[(close + 1)..], modifiers);
            ahead = (min, max, value, mask);
            text = text[..open];
        }

        return text;
    }

    private void CompileGroup(ReadOnlySpan<byte> group, bool isNegated, bool isStart, bool isEnd, PatternModifiers modifiers, MarkerForms width)
    {
        if (group.Length == 1 && MarkerOf(group[0]) is { } marker)
        {
            MarkerForms place = isEnd ? MarkerForms.Right : isStart ? MarkerForms.Left : MarkerForms.None;
            _part.AddMarker(marker, place | width | (isNegated ? MarkerForms.Negated : 0));
            return;
        }

        IReadOnlyList<ByteRun> options = AlternatesReader.Read(group, modifiers);
        bool isSet = options.All(static option => option.Values.Length == 1);
        if (isSet)
        {
            Span<byte> bits = stackalloc byte[32];
            bits.Clear();
            for (int value = 0; value < 256; value++)
            {
                if (options.Any(option => (value & option.Masks[0]) == option.Values[0]) != isNegated)
                {
                    bits[value >> 3] |= (byte)(1 << (value & 7));
                }
            }

            _part.AddSet(bits);
            return;
        }

        if (isNegated && options.Any(option => option.Values.Length != options[0].Values.Length))
        {
            throw Fault("alternates of different lengths are negated");
        }

        _part.AddAlternates(options, isNegated);
    }

    private static MarkerKind? MarkerOf(byte letter) => letter switch
    {
        (byte)'B' => MarkerKind.Boundary,
        (byte)'L' => MarkerKind.Line,
        (byte)'W' => MarkerKind.Word,
        _ => null,
    };

    private static (byte Min, byte Max) ParseDistance(ReadOnlySpan<byte> range)
    {
        const int MaxDistance = 32;
        int dash = range.IndexOf((byte)'-');
        int min = Number(dash < 0 ? range : range[..dash], range);
        int max = dash < 0 ? min : Number(range[(dash + 1)..], range);
        return min <= max && max <= MaxDistance ? ((byte)min, (byte)max) : throw Fault($"\"[{Quote(range)}]\" is no distance up to {MaxDistance}");
    }

    private static int Number(ReadOnlySpan<byte> digits, ReadOnlySpan<byte> whole) =>
        Utf8Parser.TryParse(digits, out int number, out int used) && used == digits.Length && number >= 0 ? number : throw Fault($"\"{Quote(whole)}\" is no range");

    private static int Closing(ReadOnlySpan<byte> text, byte bracket) => text.IndexOf(bracket) is >= 0 and var at
        ? at
        : throw Fault(string.Create(CultureInfo.InvariantCulture, $"a \"{(char)bracket}\" is missing"));

    private static int ClosingParenthesis(ReadOnlySpan<byte> text)
    {
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { (byte)'(' => 1, (byte)')' => -1, _ => 0 };
            if (depth == 0)
            {
                return i;
            }
        }

        throw Fault("a \")\" is missing");
    }

    private static string Quote(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text[..Math.Min(text.Length, 40)]);

    private static SignatureSyntaxException Fault(string detail) => new("body", detail);
}
