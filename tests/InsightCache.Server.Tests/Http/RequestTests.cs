using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server.Tests.Store;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Http;

public sealed class RequestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_frame_and_its_JSON_are_the_same_question()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        server.Server.SetDefinitions("default", Fleet.Definitions(1));
        using HttpClient client = server.Client();
        using HttpResponseMessage votes = await client.PostAsync(Routes.Votes, RunningServer.Frame(RunningServer.Votes(VoteVerdict.Clean, 1, 3)), Token);
        Assert.Equal(2, VoteAnswerFrame.Parse(await votes.Content.ReadAsByteArrayAsync(Token), 2).Accepted);

        LookupRequest request = new()
        {
            Scope = new ScopeDocument { Engine = Fleet.Engine, Sequence = 1, Digest = Fleet.Definitions(1).Digest },
            Hashes = [.. Enumerable.Range(1, 4).Select(Fleet.Content)],
        };
        using HttpResponseMessage json = await client.PostAsync(Routes.Lookups, JsonContent.Create(request, InsightCacheJson.Default.LookupRequest), Token);
        using HttpResponseMessage frame = await client.PostAsync(Routes.Lookups, RunningServer.Frame(RunningServer.Lookup(1, 2, 3, 4)), Token);

        LookupResponse? fromJson = await json.Content.ReadFromJsonAsync(InsightCacheJson.Default.LookupResponse, Token);
        LookupAnswerFrame fromFrame = LookupAnswerFrame.Parse(await frame.Content.ReadAsByteArrayAsync(Token), 4);
        Assert.Equal([LookupAnswer.Clean, LookupAnswer.Scan, LookupAnswer.Clean, LookupAnswer.Scan], fromJson!.Answers);
        Assert.Equal(fromJson.Answers, Enumerable.Range(0, 4).Select(i => fromFrame[i]));
        Assert.Equal("no-store", frame.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task A_person_asks_about_the_current_definitions_without_naming_them()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        server.Server.SetDefinitions("default", Fleet.Definitions(1));
        using HttpClient client = server.Client();
        (await client.PostAsync(Routes.Votes, RunningServer.Frame(RunningServer.Votes(VoteVerdict.Clean, 1)), Token)).Dispose();

        using HttpResponseMessage answer = await client.PostAsync(
            Routes.Lookups, RunningServer.Json($$$"""{"hashes":["{{{Fleet.Content(1)}}}"],"scope":{"engine":"clamav"},"comment":{"by":["a person"]}}"""), Token);

        Assert.Contains("\"answers\":[\"clean\"]", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text", "text/plain", "hello", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("no object", "application/json", "[]", HttpStatusCode.BadRequest)]
    [InlineData("half an object", "application/json", "{\"hashes\":[", HttpStatusCode.BadRequest)]
    [InlineData("no scope", "application/json", "{\"hashes\":[\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"]}", HttpStatusCode.BadRequest)]
    [InlineData("no hashes", "application/json", "{\"scope\":{\"engine\":\"clamav\"}}", HttpStatusCode.BadRequest)]
    [InlineData("a number for a hash", "application/json", "{\"scope\":{\"engine\":\"clamav\"},\"hashes\":[1]}", HttpStatusCode.BadRequest)]
    [InlineData("half the definitions", "application/json", "{\"scope\":{\"engine\":\"clamav\",\"sequence\":1},\"hashes\":[\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"]}", HttpStatusCode.BadRequest)]
    [InlineData("a frame that is none", Routes.FrameMediaType, "hello", HttpStatusCode.BadRequest)]
    [InlineData("an empty frame", Routes.FrameMediaType, "", HttpStatusCode.BadRequest)]
    public async Task What_is_no_lookup_is_answered_by_a_problem_that_says_why(string because, string type, string body, HttpStatusCode expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using HttpClient client = server.Client();
        using ByteArrayContent content = new(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using HttpResponseMessage answer = await client.PostAsync(Routes.Lookups, content, Token);

        Assert.True(expected == answer.StatusCode, because);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using JsonDocument problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal((int)expected, problem.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.RootElement.GetProperty("title").GetString()!);
    }

    /// <summary>Half a surrogate pair, written as an escape, is valid JSON and no text.</summary>
    [Theory]
    [InlineData("as a name", Routes.Lookups, """{"\ud800":1}""")]
    [InlineData("as a name that is long enough to be one", Routes.Lookups, """{"\udc00es":1}""")]
    [InlineData("as the name of a scope", Routes.Lookups, """{"scope":{"\ud800ngine":1}}""")]
    [InlineData("as an engine", Routes.Lookups, """{"scope":{"engine":"\ud800"},"hashes":[]}""")]
    [InlineData("as a hash", Routes.Lookups, """{"scope":{"engine":"clamav"},"hashes":["\ud800"]}""")]
    [InlineData("in a vote", Routes.Votes, """{"votes":[{"hash":"\ud800","\ud800":"clean"}]}""")]
    [InlineData("as a threat", Routes.Votes, """{"votes":[{"hash":"00","verdict":"\ud800","threat":"\ud800"}]}""")]
    [InlineData("in definitions", Routes.Definitions, """{"engine":"\ud800","\ud800":1}""")]
    [InlineData("in a recall", Routes.Recalls, """{"hash":"\ud800","threat":"\udc00"}""")]
    public async Task What_is_no_text_is_the_fault_of_who_sends_it(string because, string route, string body)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using HttpClient client = server.Client();

        using HttpResponseMessage answer = await client.PostAsync(route, RunningServer.Json(body), Token);

        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{because}: {answer.StatusCode}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_long_is_refused_before_it_is_taken(bool chunked)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using HttpClient client = server.Client();
        using HttpRequestMessage request = new(HttpMethod.Post, Routes.Lookups) { Content = RunningServer.Frame(new byte[300_000]) };
        request.Headers.TransferEncodingChunked = chunked;

        using HttpResponseMessage answer = await client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Property(MaxTest = 300)]
    public async Task No_bytes_make_the_server_fail(bool asFrame, bool asVotes, byte[] body, ushort at, byte change)
    {
        await using Hostile hostile = await Hostile.SharedAsync();
        byte[] frame = asVotes ? RunningServer.Votes(VoteVerdict.Clean, 1, 2) : RunningServer.Lookup(1, 2);
        frame[at % frame.Length] ^= change;
        byte[] sent = asFrame && body.Length % 2 == 0 ? frame : body;
        using ByteArrayContent content = new(sent);
        content.Headers.TryAddWithoutValidation("Content-Type", asFrame ? Routes.FrameMediaType : "application/json");

        using HttpResponseMessage answer = await hostile.Client.PostAsync(asVotes ? Routes.Votes : Routes.Lookups, content, Token);

        Assert.True((int)answer.StatusCode < 500, $"{answer.StatusCode} for {Convert.ToHexString(sent)}");
    }

    [Fact]
    public async Task Status_counts_what_the_original_counted()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        server.Server.SetDefinitions("default", Fleet.Definitions(1));
        using HttpClient client = server.Client();
        (await client.PostAsync(Routes.Votes, RunningServer.Frame(RunningServer.Votes(VoteVerdict.Clean, 1, 2)), Token)).Dispose();
        (await client.PostAsync(Routes.Lookups, RunningServer.Frame(RunningServer.Lookup(1, 2, 3)), Token)).Dispose();

        StatusDocument? status = await client.GetFromJsonAsync(Routes.Status, InsightCacheJson.Default.StatusDocument, Token);

        Assert.Equal((2, 2, 1, 1, 3, 2), (status!.Items, status.ItemsVotedClean, status.CacheRequests, status.UpdateRequests, status.Lookups, status.Hits));
        Assert.InRange(status.MemoryLimit, 1, 4 << 20);
    }

    [Fact]
    public async Task The_whole_story_of_a_recall_over_the_wire()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        server.Server.SetDefinitions("default", Fleet.Definitions(1));
        using HttpClient client = server.Client();
        (await client.PostAsync(Routes.Votes, RunningServer.Frame(RunningServer.Votes(VoteVerdict.Clean, 1)), Token)).Dispose();
        string hash = Fleet.Content(1).ToString();

        using HttpResponseMessage recalled = await client.PostAsync(Routes.Recalls, RunningServer.Json($$"""{"hash":"{{hash}}","threat":"Test.Threat"}"""), Token);
        recalled.EnsureSuccessStatusCode();

        FileDocument? file = await client.GetFromJsonAsync($"/v1/files/{hash}", InsightCacheJson.Default.FileDocument, Token);
        Assert.Equal(("Test.Threat", true, 0), (file!.Recall?.Threat, file.Recall?.Permanent, file.Clean.Count));
        RecallChanges? changes = await client.GetFromJsonAsync("/v1/recalls?since=0", InsightCacheJson.Default.RecallChanges, Token);
        Assert.Equal([Fleet.Content(1)], changes!.Recalled);
        using HttpResponseMessage lifted = await client.DeleteAsync($"/v1/recalls/{hash}", Token);
        using HttpResponseMessage again = await client.DeleteAsync($"/v1/recalls/{hash}", Token);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (lifted.StatusCode, again.StatusCode));
    }

    [Fact]
    public async Task A_host_without_the_cache_among_its_services_is_told_what_is_missing()
    {
        await using Microsoft.AspNetCore.Builder.WebApplication app = Microsoft.AspNetCore.Builder.WebApplication.CreateSlimBuilder().Build();

        Assert.Contains("AddInsightCacheServer", Assert.Throws<InvalidOperationException>(() => Microsoft.AspNetCore.Builder.InsightCacheEndpointRouteBuilderExtensions.MapInsightCache(app)).Message, StringComparison.Ordinal);
    }

    /// <summary>One server for all rows of a property.</summary>
    private sealed class Hostile : IAsyncDisposable
    {
        private static readonly Lazy<Task<RunningServer>> Server = new(static () => RunningServer.StartAsync());

        public required HttpClient Client { get; init; }

        public static async Task<Hostile> SharedAsync() => new() { Client = (await Server.Value).Client() };

        public ValueTask DisposeAsync()
        {
            Client.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
