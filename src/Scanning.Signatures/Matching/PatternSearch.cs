namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>How often a pattern was found, and where.</summary>
/// <param name="Count">How often, up to what matters.</param>
/// <param name="First">The offset of the first match; below 0 if there is none.</param>
/// <param name="Last">The offset of the last one.</param>
internal readonly record struct PatternMatches(long Count, long First, long Last)
{
    public static PatternMatches None { get; } = new(0, -1, -1);

    public static PatternMatches operator +(PatternMatches left, PatternMatches right) =>
        left.Count == 0 ? right : right.Count == 0 ? left : new(left.Count + right.Count, Math.Min(left.First, right.First), Math.Max(left.Last, right.Last));
}

/// <summary>Finds all matches of one body in a content that is handed over window by window.</summary>
/// <remarks>
/// A match is a part behind a part, each at an allowed distance from the end of the one before. Of the places where a part was found only those are kept that a
/// later part can still be near enough to.
/// </remarks>
/// <param name="image">The signatures.</param>
/// <param name="pattern">The pattern.</param>
/// <param name="first">The first offset at which it may begin.</param>
/// <param name="last">The last one.</param>
/// <param name="versionOffsets">The only offsets at which it may begin, if it is for version information.</param>
internal sealed class PatternSearch(SignatureImage image, int pattern, long first, long last, IReadOnlySet<long>? versionOffsets)
{
    private readonly List<(long End, long Start)>[]? _found = image.Patterns[pattern].Parts > 1
        ? [.. Enumerable.Range(0, image.Patterns[pattern].Parts - 1).Select(static _ => new List<(long, long)>())]
        : null;

    /// <summary>Gets the matches so far.</summary>
    public PatternMatches Matches { get; private set; } = PatternMatches.None;

    /// <summary>Gets a value indicating whether a hole can hold matches.</summary>
    public bool MatchesZeros
    {
        get
        {
            PatternRecord record = image.Patterns[pattern];
            foreach (PartRecord part in image.Parts.AsSpan(record.First, record.Parts))
            {
                if ((part.Forms & PartForms.MatchesZeros) != 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Looks for the parts that begin in the window's zone.</summary>
    public void Feed(in ByteWindow window)
    {
        PatternRecord record = image.Patterns[pattern];
        for (int number = 0; number < record.Parts; number++)
        {
            if (number > 0 && _found![number - 1].Count == 0)
            {
                break;
            }

            FindPart(ref image.Parts[record.First + number], number, window);
        }

        Forget(record, window.Origin + window.ZoneEnd);
    }

    private void FindPart(ref readonly PartRecord part, int number, in ByteWindow window)
    {
        // Only where the part's longest run of whole bytes stands is the rest compared.
        (int from, int to) = Zone(number, window);
        int prefix = part.LiteralPrefix;
        int lastLiteral = Math.Min(to - 1 + prefix + part.LiteralPrefixSpan, window.Bytes.Length - Math.Max((int)part.LiteralLength, 1));
        int nextStart = from;
        for (int at = from + prefix; at <= lastLiteral; at++)
        {
            int step = FindLiteral(in part, window.Bytes[at..(lastLiteral + Math.Max((int)part.LiteralLength, 1))]);
            if (step < 0)
            {
                return;
            }

            at += step;
            int latest = Math.Min(at - prefix, to - 1);
            for (int start = Math.Max(nextStart, at - prefix - part.LiteralPrefixSpan); start <= latest; start++)
            {
                int end = PartMatcher.Match(image, in part, window, start);
                if (end >= 0)
                {
                    Found(in part, number, window.Origin + start, window.Origin + end);
                }

                nextStart = start + 1;
            }
        }
    }

    private int FindLiteral(ref readonly PartRecord part, ReadOnlySpan<byte> bytes)
    {
        if (part.LiteralLength > 0)
        {
            return bytes.IndexOf(image.Code.AsSpan(part.Literal, part.LiteralLength));
        }

        // A part without any whole byte has a letter of either case.
        byte letter = image.Code[part.Literal];
        return bytes.IndexOfAny(letter, (byte)(letter | HexByte.CaseBit));
    }

    /// <summary>Narrows the zone to where the first part may begin.</summary>
    private (int From, int To) Zone(int number, in ByteWindow window)
    {
        if (number > 0)
        {
            return (window.ZoneStart, window.ZoneEnd);
        }

        long from = Math.Max(window.ZoneStart, first - window.Origin);
        long to = last == long.MaxValue ? window.ZoneEnd : Math.Min(window.ZoneEnd, last - window.Origin + 1);
        return from < to ? ((int)from, (int)to) : (0, 0);
    }

    private void Found(ref readonly PartRecord part, int number, long start, long end)
    {
        if (number == 0 && versionOffsets is not null && !versionOffsets.Contains(start))
        {
            return;
        }

        long beginning = start;
        if (number > 0 && !TryFollow(in part, number, start, out beginning))
        {
            return;
        }

        if (_found is null || number == _found.Length)
        {
            Matches += new PatternMatches(1, beginning, beginning);
        }
        else if (image.Parts[image.Patterns[pattern].First + number + 1].GapMax != PartRecord.Unbounded || _found[number].Count == 0)
        {
            // Of places with any gap behind them the first is enough. Nearly always at the end: only parts of several lengths end in another order than they begin.
            List<(long End, long Start)> ends = _found[number];
            ends.Insert(ends.Count == 0 || ends[^1].End <= end ? ends.Count : LowerBound(ends, end), (end, beginning));
        }
    }

    /// <summary>Looks for a part in front at an allowed distance.</summary>
    private bool TryFollow(ref readonly PartRecord part, int number, long start, out long beginning)
    {
        List<(long End, long Start)> ends = _found![number - 1];
        int at = part.GapMax == PartRecord.Unbounded ? 0 : LowerBound(ends, start - part.GapMax);
        bool follows = at < ends.Count && ends[at].End <= start - part.GapMin;
        beginning = follows ? ends[at].Start : -1;
        return follows;
    }

    /// <summary>Finds the first place that ends at an offset or behind it.</summary>
    private static int LowerBound(List<(long End, long Start)> ends, long offset)
    {
        (int low, int high) = (0, ends.Count);
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            (low, high) = ends[middle].End < offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Forgets the places that no later part can follow any more.</summary>
    private void Forget(PatternRecord record, long reached)
    {
        for (int number = 1; _found is not null && number < record.Parts; number++)
        {
            ref PartRecord part = ref image.Parts[record.First + number];
            List<(long End, long Start)> ends = _found[number - 1];
            if (part.GapMax == PartRecord.Unbounded)
            {
                // The first end is near enough to whatever the others are.
                if (ends.Count > 1)
                {
                    ends.RemoveRange(1, ends.Count - 1);
                }
            }
            else
            {
                ends.RemoveRange(0, LowerBound(ends, reached - part.GapMax));
            }
        }
    }
}
