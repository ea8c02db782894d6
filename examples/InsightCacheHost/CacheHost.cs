using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using Serilog;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.InsightCache.Server.Redis;

namespace Symantec.Virtualization.Examples.InsightCacheHost;

/// <summary>The stand-alone server: the cache on one port, its status on another.</summary>
internal static class CacheHost
{
    private const int WrongConfiguration = 2;
    private const int CannotStart = 3;

    /// <summary>Runs the server until it is told to end.</summary>
    /// <param name="args">Settings, as <c>--InsightCache:Memory=2GB</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code: 0, 2 for a wrong configuration, 3 if it cannot start.</returns>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        try
        {
            await using WebApplication app = Build(args);
            await app.RunAsync(cancellationToken).ConfigureAwait(false);
            return 0;
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync("The configuration is wrong:").ConfigureAwait(false);
            foreach (string failure in e.Failures)
            {
                await Console.Error.WriteLineAsync("  " + failure).ConfigureAwait(false);
            }

            return WrongConfiguration;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            await Console.Error.WriteLineAsync($"The configuration is wrong: {e.Message} {e.InnerException?.Message}").ConfigureAwait(false);
            return WrongConfiguration;
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidDataException or InsufficientMemoryException or UnauthorizedAccessException or CryptographicException)
        {
            await Console.Error.WriteLineAsync($"The server cannot start: {e.Message}").ConfigureAwait(false);
            return CannotStart;
        }
    }

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

        builder.Host.UseSerilog((context, logger) => Configure(logger, context.Configuration, options.LogFile));
        builder.WebHost.UseSockets(static sockets =>
        {
            // A lookup never blocks, so it is answered where its bytes arrived, without a change of threads. What may block hands itself over.
            sockets.UnsafePreferInlineScheduling = true;
        });
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

    private static void Configure(LoggerConfiguration logger, IConfiguration configuration, LogFileOptions file)
    {
        logger.ReadFrom.Configuration(configuration).WriteTo.Console(formatProvider: CultureInfo.InvariantCulture);
        if (file.Path is { } path)
        {
            logger.WriteTo.File(
                path, formatProvider: CultureInfo.InvariantCulture, fileSizeLimitBytes: file.MaxSize, rollOnFileSizeLimit: true, retainedFileCountLimit: file.Backups + 1);
        }
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
            if (options.Certificate is { } file)
            {
                X509Certificate2 certificate = Path.GetExtension(file).ToUpperInvariant() is ".PFX" or ".P12"
                    ? X509CertificateLoader.LoadPkcs12FromFile(file, options.CertificatePassword)
                    : X509Certificate2.CreateFromPemFile(file, options.CertificateKey);
                endpoint.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    if (knowsCertificates)
                    {
                        // The cache itself decides which client certificates it knows; TLS only proves that the client has the key.
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.AllowAnyClientCertificate();
                    }
                });
            }
            else if (knowsCertificates)
            {
                throw new InvalidOperationException("Access knows clients by certificates, which needs HTTPS: set Certificate.");
            }
        });
    }
}
