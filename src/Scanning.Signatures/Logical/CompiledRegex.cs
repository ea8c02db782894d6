using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A regular expression that is ready to search with. Safe for concurrent use.</summary>
/// <remarks>
/// Bytes are searched as the characters of the same numbers (Latin-1). Where the expression allows it, the matcher that never goes back is used, whose time is in
/// proportion to the content; every other one has a time limit besides.
/// </remarks>
internal sealed class CompiledRegex
{
    /// <summary>How long one search may take.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(5);

    private readonly Regex _regex;
    private readonly RegexFlags _flags;

    private CompiledRegex(Regex regex, RegexFlags flags)
    {
        _regex = regex;
        _flags = flags;
    }

    /// <summary>Compiles an expression.</summary>
    /// <param name="pattern">The expression, as PCRE writes it.</param>
    /// <param name="flags">The letters behind it.</param>
    /// <param name="compiled">The expression, compiled.</param>
    /// <param name="why">Why it cannot be.</param>
    public static bool TryCompile(string pattern, RegexFlags flags, [NotNullWhen(true)] out CompiledRegex? compiled, out string why)
    {
        compiled = null;
        if (!PcreTranslator.TryTranslate(pattern, flags, out string translated, out why))
        {
            return false;
        }

        RegexOptions options = RegexOptions.CultureInvariant
            | ((flags & RegexFlags.IgnoreCase) != 0 ? RegexOptions.IgnoreCase : 0)
            | ((flags & RegexFlags.DotAll) != 0 ? RegexOptions.Singleline : 0)
            | ((flags & RegexFlags.Multiline) != 0 ? RegexOptions.Multiline : 0)
            | ((flags & RegexFlags.Extended) != 0 ? RegexOptions.IgnorePatternWhitespace : 0);
        try
        {
            compiled = new CompiledRegex(Create(translated, options), flags);
            return true;
        }
        catch (ArgumentException e)
        {
            why = $"a regular expression that .NET does not take ({(e as RegexParseException)?.Error.ToString() ?? "Unknown"})";
            return false;
        }
    }

    /// <summary>Searches a content.</summary>
    /// <param name="content">The content's bytes, each as a character.</param>
    /// <param name="first">The first offset where a match may begin.</param>
    /// <param name="last">The last one; <see cref="long.MaxValue"/> if there is none.</param>
    /// <param name="cancellationToken">Ends the search, between two matches.</param>
    /// <exception cref="RegexMatchTimeoutException">It takes too long.</exception>
    public PatternMatches Search(ReadOnlySpan<char> content, long first, long last, CancellationToken cancellationToken)
    {
        PatternMatches matches = PatternMatches.None;
        if (first > content.Length)
        {
            return matches;
        }

        // The limit of a single match bounds a search for all of them as well.
        long start = Stopwatch.GetTimestamp();
        bool isRolling = (_flags & RegexFlags.Rolling) != 0;
        long lastStart = last == long.MaxValue || isRolling ? long.MaxValue : last;
        foreach (ValueMatch match in _regex.EnumerateMatches(content, (int)first))
        {
            if (match.Index > lastStart || ((_flags & RegexFlags.Encompass) != 0 && last != long.MaxValue && match.Index + match.Length > last))
            {
                break;
            }

            cancellationToken.ThrowIfCancellationRequested();
            matches += new PatternMatches(1, match.Index, match.Index);
            if (Stopwatch.GetElapsedTime(start) > TimeLimit)
            {
                throw new RegexMatchTimeoutException();
            }

            if ((_flags & RegexFlags.Global) == 0)
            {
                break;
            }
        }

        return matches;
    }

    private static Regex Create(string pattern, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking, TimeLimit);
        }
        catch (NotSupportedException)
        {
            // It looks around, or back at what it matched.
            return new Regex(pattern, options, TimeLimit);
        }
    }
}
