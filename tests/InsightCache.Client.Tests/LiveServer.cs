using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>The real server, in the real Kestrel, on a port of this machine.</summary>
internal sealed class LiveServer : IAsyncDisposable
{
    public const string AdministratorKey = "administrator-key";

    private readonly WebApplication _app;
    private readonly List<(string Method, string Path)> _requests = [];

    private LiveServer(WebApplication app)
    {
        _app = app;
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Gets or sets what answers instead of the cache; <see langword="false"/> lets the cache answer.</summary>
    public Func<HttpContext, Task<bool>> Before { get; set; } = static _ => Task.FromResult(false);

    /// <summary>Gets the requests so far.</summary>
    public IReadOnlyList<(string Method, string Path)> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static async Task<LiveServer> StartAsync(
        IEnumerable<(string Name, ClientRoles Roles)>? clients = null,
        Action<InsightCacheServerOptions>? configure = null,
        X509Certificate2? certificate = null,
        Action<AccessOptions>? access = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate, https =>
                {
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        builder.Services.AddInsightCacheServer(
            options =>
            {
                options.Memory = "16MiB";
                configure?.Invoke(options);
            },
            options =>
            {
                foreach ((string name, ClientRoles roles) in clients ?? [])
                {
                    options.Clients.Add(new ClientOptions { Name = name, Roles = roles, ApiKeyHashes = { HashOf(KeyOf(name)) } });
                }

                if (options.Clients.Count > 0)
                {
                    options.Clients.Add(new ClientOptions { Name = "administrator", Roles = ClientRoles.Administer | ClientRoles.Ask, ApiKeyHashes = { HashOf(AdministratorKey) } });
                }

                access?.Invoke(options);
            });
        WebApplication app = builder.Build();
        LiveServer server = new(app);
        app.Use(async (context, next) =>
        {
            lock (server._requests)
            {
                server._requests.Add((context.Request.Method, context.Request.Path));
            }

            if (!await server.Before(context))
            {
                await next(context);
            }
        });
        app.MapInsightCache();
        app.MapInsightCacheStatus();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public static string KeyOf(string client) => $"key-of-{client}";

    public static string HashOf(string secret) => ContentHash.Compute(Encoding.UTF8.GetBytes(secret)).ToString();

    /// <summary>Options for somebody who asks this server, with nothing left to chance.</summary>
    public InsightCacheClientOptions OptionsFor(string? client = null) => new()
    {
        Address = Address,
        ApiKey = client is null ? null : KeyOf(client),
        AuditShare = 0,
        ScanWhatIsCheaper = false,
        LatencyBudget = TimeSpan.FromSeconds(20), // Machines that run tests are slow now and then.
    };

    public InsightCacheConnection Administrator()
        => new(new InsightCacheClientOptions { Address = Address, ApiKey = AdministratorKey });

    /// <summary>Has the administrator set the definitions of an engine.</summary>
    public async Task<LiveServer> WithAsync(CountingEngine engine)
    {
        await using InsightCacheConnection administrator = Administrator();
        VerdictScope scope = new(engine.Name, engine.Profile, engine.Definitions);
        DefinitionsResponse response = await administrator.Api.SetDefinitionsAsync(DefinitionsDocument.Of(scope), TestContext.Current.CancellationToken);
        Assert.Equal(DefinitionsReport.Current, response.Report);
        return this;
    }

    public int Count(string route)
        => Requests.Count(request => request.Path == route);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
