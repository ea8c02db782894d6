using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Decides which of the candidates match a view, and reads no more of it than they ask for.</summary>
/// <remarks>What is counted is remembered for the view, so that signatures share their counts. Not safe for concurrent use.</remarks>
/// <param name="image">The signatures.</param>
/// <param name="view">The view.</param>
/// <param name="facts">What is known of the content; its length is the view's.</param>
/// <param name="cancellationToken">Ends the work.</param>
internal sealed class CandidateEvaluator(SignatureImage image, IByteView view, ContentFacts facts, CancellationToken cancellationToken)
{
    /// <summary>The longest view that regular expressions are searched in.</summary>
    private const int MaxRegexLength = 32 << 20;

    /// <summary>How much of a view in memory is searched at once: of a part that is found very often, no more places are kept.</summary>
    private const int ZoneSize = 256 << 10;

    /// <summary>How long the regular expressions of all candidates together may search a view.</summary>
    private static readonly TimeSpan RegexTime = TimeSpan.FromSeconds(20);

    private readonly Dictionary<int, PatternMatches> _matches = [];
    private readonly Dictionary<int, string> _unsearched = [];
    private TimeSpan _regexTime;
    private byte[]? _bytes;
    private char[]? _characters;

    /// <summary>Gets why some candidate could not be decided; <see langword="null"/> if all were.</summary>
    public string? Undecided { get; private set; }

    /// <summary>Finds the candidates that match.</summary>
    /// <param name="candidates">The candidates.</param>
    /// <param name="whole">The view's bytes, if they are in memory.</param>
    /// <param name="isWhole">Whether they are.</param>
    /// <returns>Those that match, in the order in which they were given.</returns>
    /// <exception cref="IOException">The view cannot be read.</exception>
    public List<int> Evaluate(int[] candidates, ReadOnlySpan<byte> whole, bool isWhole)
    {
        int[] possible = Array.FindAll(candidates, MeetsConditions);
        if (possible.Length == 0)
        {
            return [];
        }

        if (!isWhole)
        {
            SearchAll(possible);
        }

        List<int> matching = [];
        foreach (int signature in possible)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (Matches(signature, whole))
                {
                    matching.Add(signature);
                }
            }
            catch (ScanLimitException e)
            {
                // The others may well be decided: a bound must not hide a threat.
                Undecided ??= e.Message;
            }
        }

        return matching;
    }

    private bool MeetsConditions(int signature)
    {
        int conditions = image.Signatures[signature].Conditions;
        return conditions < 0 || LogicalConditions.Hold(image.Code.AsSpan(conditions), facts);
    }

    private bool Matches(int signature, ReadOnlySpan<byte> whole)
    {
        ref SignatureRecord record = ref image.Signatures[signature];
        Counts counts = new(this, record.FirstPattern, whole);
        return record.Expression < 0 ? counts.CountOf(0) > 0 : ExpressionEvaluator.Holds(image.Code.AsSpan(record.Expression), ref counts);
    }

    private PatternMatches MatchesOf(int pattern, int firstPattern, ReadOnlySpan<byte> whole)
    {
        PatternMatches own = OwnMatchesOf(pattern, firstPattern, whole);
        int twin = image.Patterns[pattern].Twin;
        return twin == PatternRecord.None ? own : own + OwnMatchesOf(twin, firstPattern, whole);
    }

    private PatternMatches OwnMatchesOf(int pattern, int firstPattern, ReadOnlySpan<byte> whole)
    {
        if (_matches.TryGetValue(pattern, out PatternMatches known))
        {
            return known;
        }

        if (_unsearched.TryGetValue(pattern, out string? why))
        {
            throw new ScanLimitException(why);
        }

        PatternRecord record = image.Patterns[pattern];
        PatternMatches matches = record.Kind switch
        {
            PatternKind.Body => SearchBody(pattern, whole),
            PatternKind.Regex => SearchRegex(record, firstPattern, whole),
            _ => Compare(image.Comparisons[record.First], firstPattern, whole),
        };
        _matches[pattern] = matches;
        return matches;
    }

    private PatternMatches SearchBody(int pattern, ReadOnlySpan<byte> whole)
    {
        PatternSearch search = NewSearch(pattern);
        for (int start = 0; start < whole.Length; start += ZoneSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            search.Feed(new ByteWindow(whole, origin: 0, start, Math.Min(start + ZoneSize, whole.Length), isAtEnd: true));
        }

        return search.Matches;
    }

    private PatternSearch NewSearch(int pattern)
    {
        PatternRecord record = image.Patterns[pattern];
        (long first, long last) = record.PlaceIn(facts);
        return new PatternSearch(image, pattern, first, last, record.Offset == OffsetKind.VersionInformation ? facts.Layout?.VersionInfoOffsets : null);
    }

    private PatternMatches SearchRegex(PatternRecord record, int firstPattern, ReadOnlySpan<byte> whole)
    {
        RegexRecord regex = image.Regexes[record.First];
        Counts counts = new(this, firstPattern, whole);
        (long first, long last) = record.PlaceIn(facts);
        if (first > last || !ExpressionEvaluator.Holds(image.Code.AsSpan(regex.Trigger), ref counts))
        {
            return PatternMatches.None;
        }

        if (_regexTime > RegexTime)
        {
            throw new ScanLimitException("the regular expressions of signatures take too long on it");
        }

        long start = Stopwatch.GetTimestamp();
        try
        {
            return image.RegexOf(record.First).Search(Characters(whole), first, last, cancellationToken);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new ScanLimitException("a regular expression of a signature takes too long on it");
        }
        finally
        {
            _regexTime += Stopwatch.GetElapsedTime(start);
        }
    }

    private PatternMatches Compare(ByteComparison comparison, int firstPattern, ReadOnlySpan<byte> whole)
    {
        PatternMatches trigger = MatchesOf(firstPattern + comparison.Trigger, firstPattern, whole);
        long at = trigger.Last + comparison.Distance;
        if (trigger.Count == 0 || at < 0 || at >= facts.Length)
        {
            return PatternMatches.None;
        }

        ReadOnlySpan<byte> bytes = whole.IsEmpty ? Bytes(at + comparison.Length) : whole;
        ReadOnlySpan<byte> behind = bytes[(int)Math.Min(at, bytes.Length)..];
        return comparison.Holds(behind[..Math.Min(behind.Length, comparison.Length)]) ? new PatternMatches(1, at, at) : PatternMatches.None;
    }

    /// <summary>Searches a view that is not in memory for all the bodies of some signatures, in one pass.</summary>
    private void SearchAll(int[] signatures)
    {
        Dictionary<int, PatternSearch> searches = [];
        foreach (int signature in signatures)
        {
            ref SignatureRecord record = ref image.Signatures[signature];
            for (int pattern = record.FirstPattern; pattern < record.FirstPattern + record.Patterns; pattern++)
            {
                for (int one = pattern; one != PatternRecord.None && image.Patterns[one].Kind == PatternKind.Body; one = image.Patterns[one].Twin)
                {
                    searches.TryAdd(one, NewSearch(one));
                }
            }
        }

        Pass([.. searches.Values.Where(static search => !search.MatchesZeros)], looksIntoZeros: false);
        try
        {
            Pass([.. searches.Values.Where(static search => search.MatchesZeros)], looksIntoZeros: true);
        }
        catch (ScanLimitException e)
        {
            // Only what zeros can match is not known.
            foreach ((int pattern, PatternSearch search) in searches)
            {
                if (search.MatchesZeros)
                {
                    _unsearched[pattern] = e.Message;
                }
            }
        }

        foreach ((int pattern, PatternSearch search) in searches)
        {
            if (!_unsearched.ContainsKey(pattern))
            {
                _matches[pattern] = search.Matches;
            }
        }
    }

    private void Pass(PatternSearch[] searches, bool looksIntoZeros)
    {
        if (searches.Length == 0)
        {
            return;
        }

        using WindowFeeder feeder = new(view.Length, image.Reach, new Searches(searches), looksIntoZeros);
        feeder.Complete(view.Run(feeder.Append, looksIntoZeros ? HoleHandling.HandOnZeros : HoleHandling.Skip, cancellationToken));
    }

    private ReadOnlySpan<char> Characters(ReadOnlySpan<byte> whole)
    {
        if (_characters is null)
        {
            ReadOnlySpan<byte> bytes = whole.IsEmpty ? Bytes(facts.Length) : whole;
            _characters = new char[bytes.Length];
            Encoding.Latin1.GetChars(bytes, _characters);
        }

        return _characters;
    }

    /// <summary>Reads the view's beginning into memory.</summary>
    private ReadOnlySpan<byte> Bytes(long length)
    {
        if (length > MaxRegexLength)
        {
            throw new ScanLimitException($"a signature asks for more of it than the {MaxRegexLength:N0} bytes that are searched so");
        }

        if (_bytes is null || _bytes.Length < length)
        {
            ArrayBufferWriter<byte> bytes = new((int)Math.Max(length, 1));
            view.Run(
                (_, piece) =>
                {
                    if (bytes.WrittenCount < length)
                    {
                        bytes.Write(piece);
                    }
                },
                HoleHandling.HandOnZeros,
                cancellationToken);
            _bytes = bytes.WrittenSpan.ToArray();
        }

        return _bytes;
    }

    private readonly ref struct Counts(CandidateEvaluator evaluator, int firstPattern, ReadOnlySpan<byte> whole) : ISubsignatureCounts
    {
        private readonly ReadOnlySpan<byte> _whole = whole;

        public long CountOf(int id) => evaluator.MatchesOf(firstPattern + id, firstPattern, _whole).Count;
    }

    private sealed class Searches(PatternSearch[] searches) : IWindowConsumer
    {
        public void Consume(in ByteWindow window)
        {
            foreach (PatternSearch search in searches)
            {
                search.Feed(window);
            }
        }
    }
}
