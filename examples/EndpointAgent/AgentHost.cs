using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serilog;
using Symantec.Virtualization.Examples.ServiceHosting;
using Symantec.Virtualization.Management.Client;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>The long-running agent: everything that the packages give, put together.</summary>
internal static class AgentHost
{
    private const string Section = "Agent";

    /// <summary>Runs the agent until it is told to end.</summary>
    /// <returns>The exit code: 0, 2 for a wrong configuration, 3 if it cannot start.</returns>
    public static Task<int> RunAsync(string[] args, CancellationToken cancellationToken) => ServiceRun.GuardAsync("The agent", async () =>
    {
        using IHost host = Build(args);
        host.Services.GetRequiredService<DefinitionsService>().Refresh(cancellationToken);
        host.Services.GetService<PolicyFileService>()?.Refresh();
        Microsoft.Extensions.Logging.ILogger logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Agent");
        await ServiceRun.RunAsync(host, cancellationToken, () => Log.Ready(logger)).ConfigureAwait(false);
        await host.Services.GetRequiredService<CurrentProtection>().DisposeAsync().ConfigureAwait(false);
    });

    /// <summary>Reads and checks the agent's own settings.</summary>
    /// <exception cref="OptionsValidationException">A setting is unknown or has a wrong value.</exception>
    public static AgentOptions ReadOptions(string[] args) => Read(BuilderFor(args).Configuration);

    private static IHost Build(string[] args)
    {
        HostApplicationBuilder builder = BuilderFor(args);
        AgentOptions options = Read(builder.Configuration);
        PrivateFolder.Make(options.Data);
        builder.Services.AddSystemd().AddWindowsService();
        builder.Services.AddSerilog(logger => options.LogFile.Configure(logger, builder.Configuration));
        AddServices(builder.Services, options);
        return builder.Build();
    }

    private static void AddServices(IServiceCollection services, AgentOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(static _ => new SignatureEngine(SignatureDatabase.Embedded));
        services.AddSingleton<IScanEngine>(static provider => provider.GetRequiredService<SignatureEngine>());
        services.AddSingleton<IHashMemo>(static provider => new PersistentHashMemo(
            Path.Combine(provider.GetRequiredService<AgentOptions>().Data, "hashes.memo"), logger: provider.GetRequiredService<ILogger<PersistentHashMemo>>()));
        services.AddSingleton<CurrentProtection>();
        services.AddSingleton<PolicyInForce>();
        services.AddSingleton<ScheduleMemory>();
        services.AddSingleton<EndpointScanner>();
        services.AddSingleton<DetectionOutbox>();
        services.AddSingleton<AutoProtectService>();
        AddHosted<DefinitionsService>(services);
        if (options.Manager is { } manager)
        {
            AddManaged(services, options, manager);
        }
        else
        {
            services.AddSingleton<IResultSink, NoManager>();
            AddHosted<PolicyFileService>(services);
        }

        services.AddHostedService(static provider => provider.GetRequiredService<AutoProtectService>());
        services.AddHostedService<OutboxService>();
        services.AddHostedService<ScheduleService>();
        services.AddHostedService<SealService>();
        services.AddHostedService<GuardService>();
        services.AddHostedService<ControlService>();
    }

    private static void AddManaged(IServiceCollection services, AgentOptions options, Uri manager)
    {
        services.AddSingleton<IRecallWitness, SealWitness>();
        services.AddSingleton<IResultSink, ManagedResults>();

        // The last policy is in force before the first round, and before anything is opened or scanned.
        services.AddHostedService<ManagedPolicy>();
        services.AddHostedService<ManagedStatus>();
        services.AddManagementClient(client =>
        {
            client.Address = manager;
            client.StateFolder = Path.Combine(options.Data, "manager");
            client.EnrolmentToken = options.EnrolmentToken;
            client.HostName = options.HostName ?? Environment.MachineName;
            client.HardwareId = options.HardwareId;
            client.GenerationId = () => options.GenerationId;
            client.PinnedKey = options.ManagerKey is { } key ? ContentHash.Parse(key) : null;
        });
        services.AddVirtualTagging();
    }

    private static void AddHosted<T>(IServiceCollection services)
        where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(static provider => provider.GetRequiredService<T>());
    }

    private static HostApplicationBuilder BuilderFor(string[] args)
        => Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });

    private static AgentOptions Read(ConfigurationManager configuration) => StrictSettings.Read(configuration.GetSection(Section), new AgentOptionsValidator(), AgentOptions.Shape);
}
