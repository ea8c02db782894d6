using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;
using Serilog;
using Serilog.Events;
using Symantec.Virtualization.Examples.ServiceHosting;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.InsightCache.Server.Redis;

namespace Symantec.Virtualization.Examples.InsightCacheHost;

/// <summary>The stand-alone server: the cache on one port, its status on another.</summary>
internal static class CacheHost
{
    /// <summary>What the web host says of each request.</summary>
    private const string RequestLog = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Runs the server until it is told to end.</summary>
    /// <param name="args">Settings, as <c>--InsightCache:Memory=2GB</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code: 0, 2 for a wrong configuration, 3 if it cannot start.</returns>
    public static Task<int> RunAsync(string[] args, CancellationToken cancellationToken) => ServiceRun.GuardAsync(
        "The server",
        async () =>
        {
            await using WebApplication app = Build(args);
            await ServiceRun.RunAsync(app, cancellationToken).ConfigureAwait(false);
        },
        static e => e is InvalidDataException or InsufficientMemoryException);

    private static WebApplication Build(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(CacheHost).Assembly.GetName().Name,
        });
        builder.Host.UseSystemd().UseWindowsService();
        IConfigurationSection section = builder.Configuration.GetSection("InsightCache");
        HostOptions options = HostOptions.Read(section);

        // A log that may take what the web host says of a request has each one traced, which is garbage for the collector; what the section Serilog says comes later, and holds.
        builder.Host.UseSerilog((context, logger) => options.LogFile.Configure(logger.MinimumLevel.Override(RequestLog, LevelAlias.Off), context.Configuration));
        builder.WebHost.UseInsightCacheConnections();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options, KnowsCertificates(section.GetSection("Access"))));
        builder.Services.AddInsightCacheServer();

        // The last snapshot of a large cache takes its time.
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromMinutes(5));
        builder.Services.Configure<InsightCacheServerOptions>(section);
        builder.Services.Configure<AccessOptions>(section.GetSection("Access"));
        if (section.GetSection("Redis") is var redis && redis.Exists())
        {
            builder.Services.AddInsightCacheRedis();
            builder.Services.Configure<InsightCacheRedisOptions>(redis);
            builder.Services.Configure<ReplicationOptions>(redis);
        }

        builder.Services.AddProblemDetails();
        builder.Services.AddOpenApi();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter("Symantec.Virtualization.InsightCache.Server", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime").AddPrometheusExporter();
            if (options.OtlpEndpoint is { } collector)
            {
                metrics.AddOtlpExporter(exporter => exporter.Endpoint = collector);
            }
        });

        WebApplication app = builder.Build();
        app.UseStatusCodePages();
        app.Use(ServedOn.KeepToPorts);
        ServedOn cache = new(options.Port);
        ServedOn status = new(options.StatusPort);
        app.MapInsightCache().WithMetadata(cache);
        app.MapOpenApi().WithMetadata(cache);
        app.MapInsightCacheStatus().WithMetadata(status);
        app.MapPrometheusScrapingEndpoint().WithMetadata(status);
        app.MapHealthChecks("/health/live", new() { Predicate = static _ => false });
        app.MapHealthChecks("/health/ready", new() { Predicate = static check => check.Tags.Contains("ready") });
        return app;
    }

    private static bool KnowsCertificates(IConfigurationSection access)
        => access["CertificateIssuers"] is not null || access.GetSection("Clients").GetChildren().Any(static client => client.GetSection("CertificateKeyHashes").GetChildren().Any());

    private static void Listen(KestrelServerOptions kestrel, HostOptions options, bool knowsCertificates)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MaxRequestBodySize = 64 << 20;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(10);
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MaxRequestHeadersTotalSize = 8 << 10;
        kestrel.Listen(options.Address, options.StatusPort);
        kestrel.Listen(options.Address, options.Port, endpoint =>
        {
            if (options.LoadCertificate() is { } certificate)
            {
                endpoint.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    if (knowsCertificates)
                    {
                        https.AllowInsightCacheCertificates();
                    }
                }).ReleaseTlsBuffersWhenIdle();
            }
            else if (knowsCertificates)
            {
                throw new InvalidOperationException("Access knows clients by certificates, which needs HTTPS: set Certificate.");
            }
        });
    }
}
