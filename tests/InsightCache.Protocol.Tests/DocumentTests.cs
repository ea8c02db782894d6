using System.Text;
using System.Text.Json;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

public sealed class DocumentTests
{
    [Fact]
    public void A_lookup_is_written_as_a_person_would()
    {
        LookupRequest request = new()
        {
            Scope = new ScopeDocument { Engine = "clamav", Profile = "", Sequence = 27500, Digest = ContentHash.Compute([]) },
            Leases = true,
            Hashes = [ContentHash.Compute([])],
        };

        Assert.Equal(
            """{"scope":{"engine":"clamav","profile":"","sequence":27500,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"leases":true,"hashes":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}""",
            JsonSerializer.Serialize(request, InsightCacheJson.Default.LookupRequest));
    }

    [Fact]
    public void An_answer_says_clean_scan_or_wait()
    {
        LookupResponse response = new()
        {
            Standing = DefinitionsStanding.Current,
            Sequence = 1,
            RecallEpoch = 2,
            ComeBackMilliseconds = 3,
            Answers = [LookupAnswer.Clean, LookupAnswer.Scan, LookupAnswer.Wait],
        };

        string json = JsonSerializer.Serialize(response, InsightCacheJson.Default.LookupResponse);

        Assert.Equal("""{"standing":"current","sequence":1,"recallEpoch":2,"comeBackMilliseconds":3,"answers":["clean","scan","wait"]}""", json);
        Assert.Equal(response.Answers, JsonSerializer.Deserialize(json, InsightCacheJson.Default.LookupResponse)!.Answers);
    }

    [Theory]
    [InlineData("a verdict by number", """{"hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","verdict":1}""")]
    [InlineData("a verdict that nobody knows", """{"hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","verdict":"perfect"}""")]
    [InlineData("half a hash", """{"hash":"e3b0c44298fc1c149afbf4c8996fb924","verdict":"clean"}""")]
    [InlineData("no hash", """{"verdict":"clean"}""")]
    public void A_vote_that_is_none_is_refused(string because, string vote)
    {
        string request = $$"""{"scope":{"engine":"clamav"},"votes":[{{vote}}]}""";

        Assert.True(Record.Exception(() => JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(request), InsightCacheJson.Default.VoteRequest)) is JsonException, because);
    }
}
