using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>Checks members of documents. What is wrong is said with the member's name and what is allowed, and without the value, which is a stranger's.</summary>
internal static class Rules
{
    public static void Require(bool holds, string member, string allowed)
    {
        if (!holds)
        {
            throw new JsonException($"{member}: {allowed}.");
        }
    }

    public static void Text(string? value, int most, string? inside = null, bool mayBeEmpty = false, [CallerArgumentExpression(nameof(value))] string member = "")
        => Require(
            value is not null && value.Length <= most && (mayBeEmpty || !string.IsNullOrWhiteSpace(value)) && !value.Any(char.IsControl),
            Name(inside, member),
            $"{(mayBeEmpty ? "up to" : "1 to")} {most} characters without control characters are needed");

    public static void Optional(string? value, int most, string? inside = null, [CallerArgumentExpression(nameof(value))] string member = "")
    {
        if (value is not null)
        {
            Text(value, most, inside, mayBeEmpty: false, member);
        }
    }

    /// <summary>An identifier that somebody computed: letters, digits, hyphens.</summary>
    public static void Identifier(string? value, int least, int most, string? inside = null, [CallerArgumentExpression(nameof(value))] string member = "")
        => Require(
            value is not null && value.Length >= least && value.Length <= most && value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'),
            Name(inside, member),
            $"{least} to {most} letters, digits, hyphens, points or underscores are needed");

    public static void Count<T>(IReadOnlyCollection<T> value, int most, string? inside = null, [CallerArgumentExpression(nameof(value))] string member = "")
        => Require(value.Count <= most && !value.Contains(default!), Name(inside, member), $"at most {most} entries are taken, none of them null");

    public static void Amount(long value, string? inside = null, [CallerArgumentExpression(nameof(value))] string member = "")
        => Require(value is >= 0 and <= MaxAmount, Name(inside, member), $"a number from 0 to {MaxAmount} is needed");

    public static void Time(DateTimeOffset value, string? inside = null, [CallerArgumentExpression(nameof(value))] string member = "")
        => Require(value.Year is >= WireLimits.FirstYear and <= WireLimits.LastYear, Name(inside, member), $"a time from the year {WireLimits.FirstYear} to {WireLimits.LastYear} is needed");

    /// <summary>The largest amount of bytes, files or milliseconds: sums of a billion of them still fit into 64 bits.</summary>
    public const long MaxAmount = 1L << 53;

    private static string Name(string? inside, string member)
    {
        string last = member[(member.LastIndexOf('.') + 1)..];
        string camel = char.ToLowerInvariant(last[0]) + last[1..];
        return inside is null ? camel : $"{inside}.{camel}";
    }
}
