using System.Globalization;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Conformance;

/// <summary>Writes bytes that a body of a signature matches, by reading the body anew: nothing of the engine's own reading is used.</summary>
internal sealed class BodySample(Random random, bool isWide, bool isText)
{
    private readonly List<byte> _bytes = [];
    private readonly List<int> _fixed = [];

    /// <summary>Gets where the bytes stand that are fixed: changing one of them makes the body miss.</summary>
    public IReadOnlyList<int> Fixed => _fixed;

    /// <summary>Writes a body.</summary>
    public byte[] Write(string body)
    {
        for (int i = 0; i < body.Length;)
        {
            switch (body[i])
            {
                case '*':
                    Fill(random.Next(0, 6));
                    i++;
                    break;
                case '{':
                    i = WriteGap(body, i);
                    break;
                case '[':
                    int close = body.IndexOf(']', i);
                    Fill(Range(body[(i + 1)..close]).Min);
                    i = close + 1;
                    break;
                case '!' or '(':
                    i = WriteGroup(body, i);
                    break;
                default:
                    WriteByte(body.Substring(i, 2));
                    i += 2;
                    break;
            }
        }

        return [.. _bytes];
    }

    private void WriteByte(string digits)
    {
        bool isFixed = !digits.Contains('?', StringComparison.Ordinal);
        if (isFixed)
        {
            _fixed.Add(_bytes.Count);
        }

        string filler = isText ? "6" : random.Next(1, 16).ToString("x", CultureInfo.InvariantCulture);
        _bytes.Add(Convert.ToByte(digits == "??" ? $"{filler}{random.Next(1, 16):x}" : digits.Replace("?", filler, StringComparison.Ordinal), 16));
        if (isWide)
        {
            _bytes.Add(0);
        }
    }

    private int WriteGap(string body, int at)
    {
        int close = body.IndexOf('}', at);
        (int min, int max) = Range(body[(at + 1)..close]);
        Fill(random.Next(min, Math.Min(max, min + 4) + 1));
        return close + 1;
    }

    private int WriteGroup(string body, int at)
    {
        bool isNegated = body[at] == '!';
        int open = isNegated ? at + 1 : at;
        int close = open;
        for (int depth = 0; ; close++)
        {
            depth += body[close] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0)
            {
                break;
            }
        }

        string inner = body[(open + 1)..close];
        bool isEdge = close + 1 == body.Length || at == 0 || "*}".Contains(body[at - 1], StringComparison.Ordinal) || "*{".Contains(body[close + 1], StringComparison.Ordinal);
        switch (inner)
        {
            case "B" or "W" when !isNegated:
                _bytes.Add((byte)' ');
                break;
            case "L" when !isNegated:
                _bytes.Add((byte)'\n');
                break;
            case "B" or "W" or "L":
                Fill(isEdge ? 0 : 1);
                break;
            default:
                string[] options = TopLevel(inner);
                if (isNegated)
                {
                    Fill(options[0].Length / 2 * (isWide ? 2 : 1));
                }
                else
                {
                    foreach (byte one in new BodySample(random, isWide, isText).Write(options[random.Next(options.Length)]))
                    {
                        _bytes.Add(one);
                    }
                }

                break;
        }

        return close + 1;
    }

    private static string[] TopLevel(string inner)
    {
        List<string> options = [];
        int depth = 0;
        int start = 0;
        for (int i = 0; i < inner.Length; i++)
        {
            depth += inner[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (inner[i] == '|' && depth == 0)
            {
                options.Add(inner[start..i]);
                start = i + 1;
            }
        }

        return [.. options, inner[start..]];
    }

    private static (int Min, int Max) Range(string range)
    {
        int dash = range.IndexOf('-', StringComparison.Ordinal);
        return dash < 0
            ? (Number(range, 0), Number(range, 0))
            : (Number(range[..dash], 0), Number(range[(dash + 1)..], Number(range[..dash], 0) + 8));
    }

    private static int Number(string digits, int missing) => digits.Length == 0 ? missing : int.Parse(digits, CultureInfo.InvariantCulture);

    private void Fill(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _bytes.Add(isText ? (byte)random.Next('a', 'z' + 1) : (byte)random.Next(1, 256));
        }
    }
}
