using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Management.Client;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>The long-running agent: everything that the packages give, put together.</summary>
internal static class AgentHost
{
    private const int WrongConfiguration = 2;
    private const int CannotStart = 3;
    private const string Section = "Agent";

    /// <summary>Runs the agent until it is told to end.</summary>
    /// <returns>The exit code: 0, 2 for a wrong configuration, 3 if it cannot start.</returns>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        try
        {
            using IHost host = Build(args);
            host.Services.GetRequiredService<DefinitionsService>().Refresh(cancellationToken);
            host.Services.GetService<PolicyFileService>()?.Refresh();
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
            Log.Ready(host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Agent"));
            await host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
            await host.Services.GetRequiredService<CurrentProtection>().DisposeAsync().ConfigureAwait(false);
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            await Console.Error.WriteLineAsync($"The agent cannot start: {e.Message}").ConfigureAwait(false);
            return CannotStart;
        }
    }

    /// <summary>Reads and checks the agent's own settings. A misspelt setting must not be one that is left at its default.</summary>
    /// <exception cref="OptionsValidationException">A setting is unknown or has a wrong value.</exception>
    public static AgentOptions ReadOptions(string[] args) => Read(BuilderFor(args).Configuration);

    private static IHost Build(string[] args)
    {
        HostApplicationBuilder builder = BuilderFor(args);
        AgentOptions options = Read(builder.Configuration);
        MakeDataFolder(options.Data);
        builder.Services.AddSystemd().AddWindowsService();
        builder.Logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd HH:mm:ss ";
            console.UseUtcTimestamp = true;
        });
        AddServices(builder.Services, options);
        return builder.Build();
    }

    /// <summary>Who the client is and what was found on it is nobody else's business.</summary>
    private static void MakeDataFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
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

    private static AgentOptions Read(ConfigurationManager configuration)
    {
        IConfigurationSection section = configuration.GetSection(Section);
        string[] known = [.. typeof(AgentOptions).GetProperties().Where(static property => property.CanWrite || property.Name is nameof(AgentOptions.Roots)).Select(static property => property.Name)];
        List<string> failures =
        [
            .. section.GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                .Select(child => $"{child.Path}: there is no such setting. Settings are {string.Join(", ", known.Order(StringComparer.Ordinal))}."),
        ];
        AgentOptions options = section.Get<AgentOptions>() ?? new AgentOptions();
        ValidateOptionsResult check = new AgentOptionsValidator().Validate(null, options);
        failures.AddRange(check.Failed ? check.Failures : []);
        return failures.Count == 0 ? options : throw new OptionsValidationException(section.Path, typeof(AgentOptions), failures);
    }
}
