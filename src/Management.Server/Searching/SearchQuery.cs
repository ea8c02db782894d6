using System.Text;

namespace Symantec.Virtualization.Management.Server;

/// <summary>How a term compares.</summary>
public enum SearchComparison
{
    /// <summary>The value is one of these.</summary>
    Equal,

    /// <summary>The value is less, or younger.</summary>
    Less,

    /// <summary>The value is not more, or not older.</summary>
    LessOrEqual,

    /// <summary>The value is more, or older.</summary>
    Greater,

    /// <summary>The value is not less, or not younger.</summary>
    GreaterOrEqual,
}

/// <summary>One value of a term.</summary>
/// <param name="Text">The value.</param>
/// <param name="Quoted">Whether it stood in quotation marks: a star in it is a star.</param>
/// <param name="Position">Where it stands, in characters from 1 on.</param>
public sealed record SearchValue(string Text, bool Quoted, int Position);

/// <summary>One term of a query.</summary>
/// <param name="Field">The field, in lower case; <see langword="null"/> for free text.</param>
/// <param name="Comparison">How it compares.</param>
/// <param name="Values">The values: one of them is enough.</param>
/// <param name="Negated">Whether clients are looked for that do not fit.</param>
/// <param name="Position">Where it stands, in characters from 1 on.</param>
public sealed record SearchTerm(string? Field, SearchComparison Comparison, IReadOnlyList<SearchValue> Values, bool Negated, int Position);

/// <summary>
/// A query for clients: <c>hypervisor:vmware role:guest lastseen:&lt;7d group:"VDI" name:web* -detections:0 kvm</c>. All terms must hold. Immutable.
/// </summary>
/// <remarks>
/// <code>
/// query   = { term }                          all must hold
/// term    = [ "-" ] [ field ":" [ "&lt;" | "&lt;=" | "&gt;" | "&gt;=" ] ] value { "," value }
/// value   = word | '"' text with \" and \\ '"'    * in a word stands for anything
/// </code>
/// </remarks>
public sealed class SearchQuery
{
    /// <summary>The longest query, in characters.</summary>
    public const int MaxLength = 1000;

    /// <summary>The most terms.</summary>
    public const int MaxTerms = 32;

    /// <summary>The most values of a term.</summary>
    public const int MaxValues = 32;

    private SearchQuery(IReadOnlyList<SearchTerm> terms)
    {
        Terms = terms;
    }

    /// <summary>Gets the terms, in their order.</summary>
    public IReadOnlyList<SearchTerm> Terms { get; }

    /// <summary>Reads a query. Whether its fields are known shows when it is run.</summary>
    /// <param name="text">The query; nothing looks for all clients.</param>
    /// <returns>The query.</returns>
    /// <exception cref="SearchQueryException">It cannot be understood.</exception>
    public static SearchQuery Parse(string? text)
    {
        text ??= "";
        if (text.Length > MaxLength)
        {
            throw new SearchQueryException(MaxLength + 1, $"a query has at most {MaxLength} characters.");
        }

        List<SearchTerm> terms = [];
        Reader reader = new(text);
        while (reader.SkipSpace())
        {
            if (terms.Count == MaxTerms)
            {
                throw reader.Fault($"a query has at most {MaxTerms} terms.");
            }

            terms.Add(reader.Term());
        }

        return new SearchQuery(terms);
    }

    /// <summary>Writes the query such that it reads the same.</summary>
    /// <returns>The query.</returns>
    public override string ToString() => string.Join(' ', Terms.Select(Write));

    private static string Write(SearchTerm term)
    {
        StringBuilder text = new();
        if (term.Negated)
        {
            text.Append('-');
        }

        if (term.Field is not null)
        {
            text.Append(term.Field).Append(':').Append(term.Comparison switch
            {
                SearchComparison.Less => "<",
                SearchComparison.LessOrEqual => "<=",
                SearchComparison.Greater => ">",
                SearchComparison.GreaterOrEqual => ">=",
                _ => "",
            });
        }

        return text.AppendJoin(',', term.Values.Select(static value => value.Quoted
            ? $"\"{value.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
            : value.Text)).ToString();
    }

    /// <summary>Goes through a query from left to right.</summary>
    private struct Reader(string text)
    {
        private int _at;

        private readonly bool AtEnd => _at >= text.Length;

        public readonly SearchQueryException Fault(string detail) => new(_at + 1, detail);

        public bool SkipSpace()
        {
            while (!AtEnd && char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }

            return !AtEnd;
        }

        public SearchTerm Term()
        {
            int position = _at + 1;
            bool negated = Take('-');
            string? field = Field();
            SearchComparison comparison = field is null ? SearchComparison.Equal : Comparison();
            List<SearchValue> values = [];
            do
            {
                if (values.Count == MaxValues)
                {
                    throw Fault($"a term has at most {MaxValues} values.");
                }

                values.Add(Value(field));
            }
            while (Take(','));

            if (!AtEnd && !char.IsWhiteSpace(text[_at]))
            {
                throw Fault("a space is needed behind a quotation mark.");
            }

            return values.Count > 1 && comparison != SearchComparison.Equal
                ? throw new SearchQueryException(values[1].Position, "a comparison has one value.")
                : new SearchTerm(field, comparison, values, negated, position);
        }

        private string? Field()
        {
            int end = _at;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '_' or '-'))
            {
                end++;
            }

            if (end >= text.Length || text[end] != ':')
            {
                return null;
            }

            if (end == _at)
            {
                throw Fault("a field is needed before the colon; text with a colon stands in quotation marks.");
            }

            string field = text[_at..end].ToLowerInvariant();
            _at = end + 1;
            return field;
        }

        private SearchComparison Comparison()
            => Take('<') ? Take('=') ? SearchComparison.LessOrEqual : SearchComparison.Less
            : Take('>') ? Take('=') ? SearchComparison.GreaterOrEqual : SearchComparison.Greater
            : SearchComparison.Equal;

        private SearchValue Value(string? field)
        {
            int position = _at + 1;
            if (Take('"'))
            {
                return new SearchValue(Quoted(position), true, position);
            }

            int from = _at;
            while (!AtEnd && !char.IsWhiteSpace(text[_at]) && text[_at] is not (',' or '"'))
            {
                if (field is null && text[_at] == ':')
                {
                    throw Fault("text with a colon stands in quotation marks.");
                }

                _at++;
            }

            return _at == from
                ? throw Fault(field is null ? "a word is needed." : $"a value is needed for {field}.")
                : !AtEnd && text[_at] == '"' ? throw Fault("a quotation mark stands at the beginning of a value.")
                : new SearchValue(text[from.._at], false, position);
        }

        private string Quoted(int position)
        {
            StringBuilder value = new();
            while (!AtEnd)
            {
                char c = text[_at++];
                if (c == '"')
                {
                    return value.Length > 0 ? value.ToString() : throw new SearchQueryException(position, "something is needed between the quotation marks.");
                }

                if (c == '\\' && !AtEnd && (text[_at] is '"' or '\\'))
                {
                    c = text[_at++];
                }

                value.Append(c);
            }

            throw new SearchQueryException(position, "the quotation mark is not closed.");
        }

        private bool Take(char c)
        {
            if (AtEnd || text[_at] != c)
            {
                return false;
            }

            _at++;
            return true;
        }
    }
}
