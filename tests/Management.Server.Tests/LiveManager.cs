using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Server.Tests;

/// <summary>The real manager, in the real Kestrel, on a port of this machine, with a clock of the test's own.</summary>
internal sealed class LiveManager : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DatabaseKind _kind;
    private readonly string? _connection;
    private readonly Action<ManagementServerOptions>? _configure;
    private WebApplication? _app;

    private LiveManager(DatabaseKind kind, Action<ManagementServerOptions>? configure)
    {
        _kind = kind;
        _configure = configure;
        _connection = kind == DatabaseKind.PostgreSql ? PostgresServer.MakeDatabase() : null;
    }

    /// <summary>Both engines: every test of the manager runs on each.</summary>
    public static TheoryData<DatabaseKind> Databases => [DatabaseKind.Sqlite, DatabaseKind.PostgreSql];

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 26, 8, 0, 0, TimeSpan.Zero));

    public string FirstPassword { get; private set; } = "";

    public Uri Address => new(_app!.Urls.Single());

    public static Actor Tester { get; } = new("tester", "127.0.0.1");

    public static async Task<LiveManager> StartAsync(DatabaseKind kind, Action<ManagementServerOptions>? configure = null)
    {
        LiveManager manager = new(kind, configure);
        await manager.StartAgainAsync();
        return manager;
    }

    public async Task StartAgainAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddManagementServer(options =>
        {
            options.DataFolder = _folder.Path;
            options.Database = _kind;
            options.ConnectionString = _connection;
            options.FirstPassword = (_, password) => FirstPassword = password;
            _configure?.Invoke(options);
        });
        _app = builder.Build();
        _app.MapManagement();
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    public T Get<T>()
        where T : notnull
        => _app!.Services.GetRequiredService<T>();

    public HttpClient Http(HttpMessageHandler? handler = null) => new(handler ?? new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Address };

    /// <summary>A browser: it keeps cookies.</summary>
    public HttpClient Browser(out CookieContainer cookies)
    {
        cookies = new CookieContainer();
        return Http(new SocketsHttpHandler { CookieContainer = cookies, AllowAutoRedirect = false });
    }

    /// <summary>An administrator's script.</summary>
    public async Task<HttpClient> ScriptAsync(AdministratorRole role = AdministratorRole.Administer)
    {
        NewAdministrator account = await Get<Administrators>().AddAsync($"script-{Guid.NewGuid():N}", role, Tester, Stop);
        NewApiKey key = await Get<ApiKeys>().AddAsync(account.Administrator.Id, "test", role, null, Tester, Stop);
        HttpClient http = Http();
        http.DefaultRequestHeaders.Add(ManagementAccess.ApiKeyHeader, key.Key);
        return http;
    }

    public async Task<string> TokenAsync(int uses = 1, int groupId = GroupTree.RootId, int hours = 24, long? lifetime = null)
        => (await Get<EnrolmentTokens>().AddAsync(new EnrolmentTokenRequest { MaxUses = uses, GroupId = groupId, Hours = hours, LifetimeSeconds = lifetime }, Tester, Stop)).Token;

    /// <summary>A machine that has enrolled over the network.</summary>
    public async Task<Agent> EnrolAsync(
        string name = "web-01", string hardware = "hardware-0001", string? generation = "generation-1", TagReport? tag = null, string? token = null, int groupId = GroupTree.RootId)
    {
        using HttpResponseMessage response = await TryEnrolAsync(token ?? await TokenAsync(groupId: groupId), name, hardware, generation, tag);
        Assert.Equal("", response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync(Stop));
        EnrolmentResponse enrolled = (await response.Content.ReadFromJsonAsync(ManagementJson.Default.EnrolmentResponse, Stop))!;
        return new Agent(this, new ClientCredentials(enrolled.ClientId, enrolled.Secret), new MachineIdentity { HostName = name, HardwareId = hardware, GenerationId = generation });
    }

    public async Task<HttpResponseMessage> TryEnrolAsync(string token, string name = "web-01", string hardware = "hardware-0001", string? generation = "generation-1", TagReport? tag = null)
    {
        using HttpClient http = Http();
        EnrolmentRequest request = new()
        {
            Token = token, AgentVersion = "1.0", Machine = new MachineIdentity { HostName = name, HardwareId = hardware, GenerationId = generation }, Tag = TagDocument.Of(tag),
        };
        return await http.PostAsJsonAsync(Routes.Enrolment, request, ManagementJson.Default.EnrolmentRequest, Stop);
    }

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
            _app = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    public static CancellationToken Stop => TestContext.Current.CancellationToken;
}

/// <summary>An agent that says what a test has it say.</summary>
internal sealed class Agent(LiveManager manager, ClientCredentials credentials, MachineIdentity machine)
{
    private long _sequence;

    public Guid Id => credentials.ClientId;

    public ClientCredentials Credentials => credentials;

    public MachineIdentity Machine { get; set; } = machine;

    public HeartbeatRequest Next(TagReport? tag = null) => new() { Sequence = ++_sequence, Machine = Machine, AgentVersion = "1.0", Tag = TagDocument.Of(tag) };

    public async Task<HeartbeatResponse> BeatAsync(HeartbeatRequest? request = null)
    {
        using HttpResponseMessage response = await TryBeatAsync(request ?? Next());
        Assert.Equal("", response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync(LiveManager.Stop));
        return (await response.Content.ReadFromJsonAsync(ManagementJson.Default.HeartbeatResponse, LiveManager.Stop))!;
    }

    public Task<HttpResponseMessage> TryBeatAsync(HeartbeatRequest request) => SendAsync(HttpMethod.Post, Routes.Heartbeat, JsonSerializer.Serialize(request, ManagementJson.Default.HeartbeatRequest));

    public Task<HttpResponseMessage> TryReportAsync(ResultBatch batch) => SendAsync(HttpMethod.Post, Routes.Results, JsonSerializer.Serialize(batch, ManagementJson.Default.ResultBatch));

    public async Task<ResultReceipt> ReportAsync(ResultBatch batch)
    {
        using HttpResponseMessage response = await TryReportAsync(batch);
        Assert.Equal("", response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync(LiveManager.Stop));
        return (await response.Content.ReadFromJsonAsync(ManagementJson.Default.ResultReceipt, LiveManager.Stop))!;
    }

    public Task<HttpResponseMessage> AnswerAsync(RecallAnswer answer) => SendAsync(HttpMethod.Post, Routes.RecallAnswers, JsonSerializer.Serialize(answer, ManagementJson.Default.RecallAnswer));

    public Task<HttpResponseMessage> PolicyAsync(string? known = null) => SendAsync(HttpMethod.Get, Routes.Policy, null, known);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string route, string? json, string? ifNoneMatch = null)
    {
        using HttpClient http = manager.Http();
        using HttpRequestMessage request = new(method, route);
        request.Headers.Authorization = new AuthenticationHeaderValue(Routes.Scheme, credentials.ToString());
        if (ifNoneMatch is not null)
        {
            request.Headers.Add("If-None-Match", ifNoneMatch);
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return await http.SendAsync(request, LiveManager.Stop);
    }
}
