namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>Queries term by term, to refine them by links.</summary>
internal static class QueryTerms
{
    /// <summary>Writes a term of a field and a value that a client may have chosen.</summary>
    public static string Write(string field, string value) => value.Length == 0
        ? $"{field}:none"
        : value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') && value != "none"
            ? $"{field}:{value}"
            : $"{field}:\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>A query and one more term, unless it has it.</summary>
    public static string With(string query, string term) => Split(query).Contains(term, StringComparer.OrdinalIgnoreCase) ? query.Trim() : $"{query.Trim()} {term}".Trim();

    /// <summary>A query without one of its terms.</summary>
    public static string Without(IReadOnlyList<string> terms, int index) => string.Join(' ', terms.Where((_, i) => i != index));

    /// <summary>The terms of a query, as they are written; nothing of one that cannot be understood.</summary>
    public static IReadOnlyList<string> Split(string query)
    {
        try
        {
            IReadOnlyList<SearchTerm> terms = SearchQuery.Parse(query).Terms;
            return [.. terms.Select((term, i) => query[(term.Position - 1)..(i + 1 < terms.Count ? terms[i + 1].Position - 1 : query.Length)].Trim())];
        }
        catch (SearchQueryException)
        {
            return [];
        }
    }
}
