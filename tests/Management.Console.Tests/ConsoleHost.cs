using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server;
using Symantec.Virtualization.Peers;

[assembly: AssemblyFixture(typeof(Symantec.Virtualization.Management.Console.Tests.ConsoleHost))]

namespace Symantec.Virtualization.Management.Console.Tests;

/// <summary>A manager with its console on the loopback, with clients that came by the agents' own contract, and a Chromium to look at it.</summary>
public sealed class ConsoleHost : IAsyncLifetime
{
    public const string Password = "correct horse battery";

    /// <summary>How long a busy machine may take for a page, in milliseconds.</summary>
    private const float Patience = 60_000;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _signedIn = [];
    private readonly SemaphoreSlim _opening = new(1);
    private readonly SemaphoreSlim _signingIn = new(1);
    private WebApplication? _app;
    private WebApplication? _cache;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 20, 6, 0, 0, TimeSpan.Zero));

    public Uri Address { get; private set; } = null!;

    /// <summary>Gets the address of something that answers as an insight cache does.</summary>
    public Uri Cache { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public Fleet Fleet { get; private set; } = null!;

    private IServiceProvider Services => _app!.Services;

    public T Get<T>()
        where T : notnull
        => Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        await StartCacheAsync();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(Time);
        string first = "";
        builder.Services.AddManagementServer(options =>
        {
            options.DataFolder = _folder.Path;
            options.FirstPassword = (_, password) => first = password;
            options.AdministratorRequestsPerMinute = 1_000_000;
            options.ClientRequestsPerMinute = 1_000_000;
            options.MaxFailuresPerMinute = 1_000_000;
            options.SessionLifetime = TimeSpan.FromDays(30);
            options.SessionIdleTime = TimeSpan.FromDays(1);
            options.NonPersistentLifetime = TimeSpan.FromDays(30);
        });
        builder.Services.AddManagementConsole(console =>
        {
            console.InsightCacheTimeout = TimeSpan.FromSeconds(30);
            console.InsightCacheStatus = Cache;
        });
        _app = builder.Build();
        _app.MapManagement();
        _app.MapManagementConsole();
        await _app.StartAsync();
        Address = new Uri(_app.Urls.First());
        Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address };
        Administrators administrators = Get<Administrators>();
        await administrators.ChangePasswordAsync(1, first, Password, Actor.Manager);
        await AddAsync("olga", AdministratorRole.Operate);
        await AddAsync("vera", AdministratorRole.View);
        Fleet = await Fleet.EnrolAsync(this);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
        Http?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_cache is not null)
        {
            await _cache.DisposeAsync();
        }

        _opening.Dispose();
        _signingIn.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    /// <summary>Makes an account that has chosen its password.</summary>
    public async Task AddAsync(string name, AdministratorRole role)
    {
        Administrators administrators = Get<Administrators>();
        NewAdministrator added = await administrators.AddAsync(name, role, Actor.Manager);
        await administrators.ChangePasswordAsync(added.Administrator.Id, added.OneTimePassword, Password, Actor.Manager);
    }

    /// <summary>Opens a window of nobody.</summary>
    public async Task<IPage> OpenAsync(bool script = true, int width = 1280, ColorScheme scheme = ColorScheme.Light, string? state = null, bool bypassPolicy = false)
    {
        Peer.Require("chromium");
        await _opening.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            Assertions.SetDefaultExpectTimeout(Patience);
            _playwright ??= await Playwright.CreateAsync();
            _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox"] });
        }
        finally
        {
            _opening.Release();
        }

        IBrowserContext context = await _browser.NewContextAsync(new()
        {
            BaseURL = Address.ToString(),
            JavaScriptEnabled = script,
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = scheme,
            StorageState = state,
            BypassCSP = bypassPolicy,
        });
        context.SetDefaultTimeout(Patience);
        return await context.NewPageAsync();
    }

    /// <summary>Opens a window of somebody who has signed in.</summary>
    public async Task<IPage> OpenAsAsync(string name, bool script = true, int width = 1280, ColorScheme scheme = ColorScheme.Light, bool bypassPolicy = false)
        => await OpenAsync(script, width, scheme, await StateAsync(name), bypassPolicy);

    /// <summary>The cookies of somebody who has signed in, for requests without a browser.</summary>
    public async Task<string> CookiesAsync(string name)
    {
        IPage page = await OpenAsAsync(name);
        await page.GotoAsync("/console/password");
        string cookies = string.Join("; ", (await page.Context.CookiesAsync()).Select(static cookie => $"{cookie.Name}={cookie.Value}"));
        await page.Context.CloseAsync();
        return cookies;
    }

    public static async Task SignInAsync(IPage page, string name, string password = Password)
    {
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Sends what an agent sends.</summary>
    public async Task<TAnswer> SendAsync<TAnswer, T>(string path, T document, JsonTypeInfo<T> type, JsonTypeInfo<TAnswer> answerType, ClientCredentials? credentials = null)
    {
        using HttpResponseMessage answer = await PostAsync(path, document, type, credentials);
        return (await answer.Content.ReadFromJsonAsync(answerType))!;
    }

    public async Task<HttpResponseMessage> PostAsync<T>(string path, T document, JsonTypeInfo<T> type, ClientCredentials? credentials)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = JsonContent.Create(document, type) };
        request.Headers.Authorization = credentials is null ? null : new AuthenticationHeaderValue(Routes.Scheme, credentials.ToString());
        HttpResponseMessage answer = await Http.SendAsync(request);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NoContent, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return answer;
    }

    private async Task StartCacheAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _cache = builder.Build();
        _cache.MapGet("/health/ready", static () => "Healthy");
        _cache.MapGet("/v1/status", static () => TypedResults.Text("""{"items":123456,"lookups":1000,"hits":900,"version":"<b>"}""", "application/json"));
        await _cache.StartAsync();
        Cache = new Uri(_cache.Urls.First());
    }

    private async Task<string> StateAsync(string name)
    {
        await _signingIn.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (!_signedIn.TryGetValue(name, out string? state))
            {
                IPage page = await OpenAsync();
                await page.GotoAsync("/console/sign-in");
                await SignInAsync(page, name);
                await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Overview");
                state = await page.Context.StorageStateAsync();
                await page.Context.CloseAsync();
                _signedIn[name] = state;
            }

            return state;
        }
        finally
        {
            _signingIn.Release();
        }
    }
}
