using System.Data.Common;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Serilog;
using Symantec.Virtualization.Examples.ServiceHosting;
using Symantec.Virtualization.Management.Server;

namespace Symantec.Virtualization.Examples.ManagerHost;

/// <summary>The stand-alone manager: agents, the API and the console on one port.</summary>
internal static class ManagerServer
{
    private const string Section = "Manager";

    /// <summary>Runs the manager until it is told to end.</summary>
    /// <param name="args">Settings, as <c>--Manager:Port=9008</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code: 0, 2 for a wrong configuration, 3 if it cannot start.</returns>
    public static Task<int> RunAsync(string[] args, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await using WebApplication app = Build(args);
        await ServiceRun.RunAsync(app, cancellationToken).ConfigureAwait(false);
    });

    /// <summary>Makes an enrolment token, and prints it.</summary>
    /// <param name="args">Settings; the database is all that counts.</param>
    /// <param name="group">The path of the group that its clients come into.</param>
    /// <param name="hours">For how long it counts.</param>
    /// <param name="uses">How often.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> MakeTokenAsync(string[] args, string group, int hours, int uses, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
        AddSettings(builder.Configuration, args);
        AddManager(builder.Services, builder.Configuration.GetSection(Section), HostOptions.Read(builder.Configuration.GetSection(Section)));
        using IHost host = builder.Build();
        await host.StartAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ClientGroup found = (await host.Services.GetRequiredService<GroupTree>().ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(g => g.Path == group)
                ?? throw new ManagementException(ManagementFault.NotFound, $"There is no group {group}.");
            EnrolmentTokenRequest request = new() { Note = "made on the manager's machine", GroupId = found.Id, Hours = hours, MaxUses = uses };
            NewEnrolmentToken made = await host.Services.GetRequiredService<EnrolmentTokens>().AddAsync(request, new Actor("command line"), cancellationToken).ConfigureAwait(false);
            Console.WriteLine(made.Token);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }
    });

    private static Task<int> GuardAsync(Func<Task> run) => ServiceRun.GuardAsync("The manager", run, static e => e is DbException, static e => e is ManagementException);

    private static WebApplication Build(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(ManagerServer).Assembly.GetName().Name,
        });
        builder.Host.UseSystemd().UseWindowsService();
        IConfigurationSection section = builder.Configuration.GetSection(Section);
        HostOptions options = HostOptions.Read(section);
        builder.Host.UseSerilog((context, logger) => options.LogFile.Configure(logger, context.Configuration));
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options));
        AddManager(builder.Services, section, options);
        builder.Services.AddManagementConsole(console => console.InsightCacheStatus = options.InsightCacheStatus);
        builder.Services.AddHealthChecks().AddCheck<DatabaseCheck>("database", tags: ["ready"]);

        WebApplication app = builder.Build();
        app.MapManagement();
        app.MapManagementConsole();
        app.MapGet("/", static () => Results.LocalRedirect("~/console/"));
        app.MapHealthChecks("/health/live", new() { Predicate = static _ => false });
        app.MapHealthChecks("/health/ready", new() { Predicate = static check => check.Tags.Contains("ready") });
        return app;
    }

    private static void AddSettings(ConfigurationManager configuration, string[] args)
        => configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true).AddEnvironmentVariables().AddCommandLine(args);

    private static void AddManager(IServiceCollection services, IConfigurationSection section, HostOptions options)
        => services.AddManagementServer(manager => options.Apply(manager, section));

    private static void Listen(KestrelServerOptions kestrel, HostOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 16 << 20;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.MaxRequestHeadersTotalSize = 32 << 10;
        kestrel.Listen(options.Address, options.Port, endpoint =>
        {
            if (options.LoadCertificate() is { } certificate)
            {
                endpoint.UseHttps(certificate);
            }
        });
    }
}
