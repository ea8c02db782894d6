using FsCheck.Xunit;

namespace Symantec.Virtualization.Management.Server.Tests;

/// <summary>Laws of the query parser.</summary>
public class QueryTests
{
    private static readonly string[] Pieces =
        ["name", ":", "web*", "\"", "\\", "-", ",", " ", "<", ">", "=", "<=", "detections", "7d", "group:\"VDI\"", "'", "%", "\u00e4", "\ud83d\ude00", "\t", "property.os", "*", "none"];

    [Property(MaxTest = 2000)]
    public void Any_text_is_a_query_or_a_fault_with_a_place_in_it(string? text)
    {
        try
        {
            SearchQuery query = SearchQuery.Parse(text);
            Assert.InRange(query.Terms.Count, 0, SearchQuery.MaxTerms);
        }
        catch (SearchQueryException e)
        {
            Assert.InRange(e.Position, 1, (text?.Length ?? 0) + 1);
        }
    }

    [Property(MaxTest = 5000)]
    public void A_query_of_the_languages_own_pieces_reads_the_same_after_it_was_written(byte[] choices)
    {
        string text = string.Concat(choices.Take(40).Select(static choice => Pieces[choice % Pieces.Length]));
        SearchQuery query;
        try
        {
            query = SearchQuery.Parse(text);
        }
        catch (SearchQueryException e)
        {
            Assert.InRange(e.Position, 1, text.Length + 1);
            return;
        }

        SearchQuery again = SearchQuery.Parse(query.ToString());

        Assert.Equal(query.Terms.Count, again.Terms.Count);
        Assert.All(query.Terms.Zip(again.Terms), static pair =>
        {
            Assert.Equal((pair.First.Field, pair.First.Comparison, pair.First.Negated), (pair.Second.Field, pair.Second.Comparison, pair.Second.Negated));
            Assert.Equal(pair.First.Values.Select(static v => (v.Text, v.Quoted)), pair.Second.Values.Select(static v => (v.Text, v.Quoted)));
        });
    }

    [Fact]
    public void What_is_too_long_is_refused()
    {
        Assert.Throws<SearchQueryException>(() => SearchQuery.Parse(new string('a', SearchQuery.MaxLength + 1)));
        Assert.Throws<SearchQueryException>(() => SearchQuery.Parse(string.Concat(Enumerable.Repeat("a ", SearchQuery.MaxTerms + 1))));
        Assert.Throws<SearchQueryException>(() => SearchQuery.Parse(string.Join(',', Enumerable.Repeat("a", SearchQuery.MaxValues + 1))));
    }
}
