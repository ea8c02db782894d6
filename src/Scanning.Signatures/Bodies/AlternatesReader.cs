namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads the options between parentheses, those of nested parentheses multiplied out.</summary>
internal static class AlternatesReader
{
    private const int MaxOptions = 256;
    private const int MaxDepth = 15;
    private const int MaxLength = 4096;

    /// <summary>Reads the options.</summary>
    /// <param name="text">What stands between the parentheses.</param>
    /// <param name="modifiers">What letters behind the body change.</param>
    /// <exception cref="SignatureSyntaxException">They are none.</exception>
    /// <exception cref="UnsupportedSignatureException">They are too many, or of a kind that is not read inside parentheses.</exception>
    public static IReadOnlyList<ByteRun> Read(ReadOnlySpan<byte> text, PatternModifiers modifiers)
    {
        int at = 0;
        List<ByteRun> options = Options(text, ref at, modifiers, depth: 0);
        return at == text.Length ? options : throw Fault("a \"(\" is missing");
    }

    private static List<ByteRun> Options(ReadOnlySpan<byte> text, ref int at, PatternModifiers modifiers, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Fault($"parentheses are nested deeper than {MaxDepth}");
        }

        List<ByteRun> options = [];
        while (true)
        {
            options.AddRange(Sequence(text, ref at, modifiers, depth));
            Check(options.Count);
            if (at == text.Length || text[at] == ')')
            {
                return options;
            }

            at++;
        }
    }

    /// <summary>Reads one option: all that it can be.</summary>
    private static List<ByteRun> Sequence(ReadOnlySpan<byte> text, ref int at, PatternModifiers modifiers, int depth)
    {
        List<List<byte>> values = [[]];
        List<List<byte>> masks = [[]];
        int start = at;
        while (at < text.Length && text[at] is not ((byte)'|' or (byte)')'))
        {
            if (text[at] == '(')
            {
                at++;
                Multiply(Options(text, ref at, modifiers, depth + 1), values, masks);
                at += at < text.Length ? 1 : throw Fault("a \")\" is missing");
            }
            else if (text[at] == '{' && BodyCompiler.InlineGap(text[at..]) is { } count)
            {
                Append(values, masks, 0, 0, count);
                at += text[at..].IndexOf((byte)'}') + 1;
            }
            else if (text[at] == '!')
            {
                throw new UnsupportedSignatureException("negation inside alternates");
            }
            else
            {
                (byte value, byte mask) = HexByte.Parse(text[at..], modifiers);
                Append(values, masks, value, mask, 1);
                if ((modifiers & PatternModifiers.Wide) != 0)
                {
                    Append(values, masks, 0, 0xFF, 1);
                }

                at += 2;
            }
        }

        return at > start
            ? [.. values.Zip(masks, static (value, mask) => new ByteRun([.. value], [.. mask]))]
            : throw Fault("an alternate is empty");
    }

    private static void Multiply(List<ByteRun> nested, List<List<byte>> values, List<List<byte>> masks)
    {
        Check(nested.Count * values.Count);
        if (values.Max(static value => value.Count) + nested.Max(static run => run.Values.Length) > MaxLength)
        {
            throw new UnsupportedSignatureException($"an alternate of more than {MaxLength} bytes");
        }

        List<List<byte>> manyValues = [.. values.SelectMany(value => nested.Select(run => (List<byte>)[.. value, .. run.Values]))];
        List<List<byte>> manyMasks = [.. masks.SelectMany(mask => nested.Select(run => (List<byte>)[.. mask, .. run.Masks]))];
        values.Clear();
        values.AddRange(manyValues);
        masks.Clear();
        masks.AddRange(manyMasks);
    }

    private static void Append(List<List<byte>> values, List<List<byte>> masks, byte value, byte mask, int count)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i].Count + count > MaxLength)
            {
                throw new UnsupportedSignatureException($"an alternate of more than {MaxLength} bytes");
            }

            values[i].AddRange(Enumerable.Repeat(value, count));
            masks[i].AddRange(Enumerable.Repeat(mask, count));
        }
    }

    private static void Check(int options)
    {
        if (options > MaxOptions)
        {
            throw new UnsupportedSignatureException($"more than {MaxOptions} alternates in one place");
        }
    }

    private static SignatureSyntaxException Fault(string detail) => new("body", detail);
}
