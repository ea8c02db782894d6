using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.InsightCache;

/// <summary>The stand-alone cache as its administrators meet it.</summary>
public sealed class InsightCacheHostTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--InsightCache:VoteThreshold=9", "VoteThreshold", "between 1 and 7")]
    [InlineData("--InsightCache:Memory=lots", "Memory", "1% to 99%")]
    [InlineData("--InsightCache:Port=70000", "Port", "between 1 and 65535")]
    [InlineData("--InsightCache:Port=none", "InsightCache:Port", "none")]
    [InlineData("--InsightCache:TimeToLive=00:00:01", "TimeToLive", "from 01:00:00")]
    [InlineData("--InsightCache:VoteTreshold=3", "InsightCache:VoteTreshold", "VoteThreshold")]
    [InlineData("--InsightCache:Eviction=Random", "Eviction", "Random")]
    [InlineData("--InsightCache:Access:Clients:0:Name=agent", "Access:Clients", "no credentials")]
    [InlineData("--InsightCache:Listen=everywhere", "Listen", "localhost")]
    public void A_wrong_setting_stops_the_server_and_is_named_with_what_is_allowed(string setting, string key, string allowed)
    {
        ProgramRun outcome = InsightCacheHostProgram.Run(setting);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(key, outcome.Errors, StringComparison.Ordinal);
        Assert.Contains(allowed, outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cache_and_its_status_have_a_port_each()
    {
        await using InsightCacheHostProgram host = await InsightCacheHostProgram.StartAsync();

        using HttpResponseMessage page = await host.Status.GetAsync("/", Token);
        using HttpResponseMessage metrics = await host.Status.GetAsync("/metrics", Token);
        using HttpResponseMessage noPage = await host.Cache.GetAsync("/", Token);
        using HttpResponseMessage noCache = await host.Status.GetAsync("/v1/definitions", Token);
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.NotFound),
            (page.StatusCode, metrics.StatusCode, noPage.StatusCode, noCache.StatusCode));
        Assert.Contains("insightcache_entries", await metrics.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Contains("Now listening", host.Log, StringComparison.Ordinal);
        Assert.Contains("No DataFolder is set", host.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_route_is_in_the_OpenAPI_document()
    {
        await using InsightCacheHostProgram host = await InsightCacheHostProgram.StartAsync();

        JsonElement document = await host.SendAsync(HttpMethod.Get, "/openapi/v1.json");

        IEnumerable<string> routes = typeof(Routes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => field.GetRawConstantValue())
            .OfType<string>().Where(static value => value.StartsWith("/v1/", StringComparison.Ordinal));
        Assert.Equal(routes.Order(StringComparer.Ordinal), document.GetProperty("paths").EnumerateObject().Select(static path => path.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_key_that_the_program_makes_is_one_that_the_server_knows()
    {
        string[] key = [.. InsightCacheHostProgram.Run("new-key").Output.Split('\n').Select(static line => line.Split(": ")[^1].Trim())];
        string password = InsightCacheHostProgram.Run("hash-password", "--help").Output;
        Assert.Contains("PasswordHash", password, StringComparison.Ordinal);
        await using InsightCacheHostProgram host = await InsightCacheHostProgram.StartAsync(
            "Access:Clients:0:Name=admin", "Access:Clients:0:Roles=Ask, Administer", $"Access:Clients:0:ApiKeyHashes:0={key[1]}");

        await host.SendAsync(HttpMethod.Get, "/v1/definitions", expected: HttpStatusCode.Unauthorized);
        host.Cache.DefaultRequestHeaders.Add(Routes.ApiKeyHeader, key[0]);
        await host.SetDefinitionsAsync();
    }

    [Fact]
    public async Task A_person_sees_the_figures_in_a_browser()
    {
        Peer.Require("chromium");
        await using InsightCacheHostProgram host = await InsightCacheHostProgram.StartAsync();
        await host.SetDefinitionsAsync();
        await host.VoteAsync("clean", 1, 2, 3);
        await host.AskAsync(1, 2, 3, 4);
        using TemporaryFolder profile = new();

        string page = Peer.Run(
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={profile.Path}", "--virtual-time-budget=5000", "--dump-dom", host.Status.BaseAddress!.ToString());

        Assert.Contains("role=\"status\">live<", page, StringComparison.Ordinal);
        Assert.Contains(">75.0 %<", page, StringComparison.Ordinal);
        Assert.Contains("id=\"clean\" aria-labelledby=\"clean-name\">3<", page, StringComparison.Ordinal);
        Assert.Matches("id=\"items-chart\".*<polyline points=\"[0-9., ]+\"", page);
    }

    [Fact]
    public async Task Connections_that_say_nothing_or_half_a_request_starve_nobody()
    {
        await using InsightCacheHostProgram host = await InsightCacheHostProgram.StartAsync();
        await host.SetDefinitionsAsync();
        List<Socket> sockets = [];
        try
        {
            for (int i = 0; i < 10_000; i++)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, host.Port, Token);
                await socket.SendAsync(Encoding.ASCII.GetBytes((i % 3) switch
                {
                    0 => "",
                    1 => "POST /v1/lookups HTTP/1.1\r\nHost: localhost\r\nConte",
                    _ => "POST /v1/lookups HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
                }), Token);
            }

            Assert.Equal(["scan"], await host.AskAsync(1));
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }

        Assert.Equal(["scan"], await host.AskAsync(1));
    }
}
