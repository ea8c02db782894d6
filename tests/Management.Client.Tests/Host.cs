using Microsoft.Extensions.DependencyInjection;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server.Tests;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Client.Tests;

/// <summary>An agent as a host makes it, with a state folder that outlives it; its rounds are run by the test.</summary>
internal sealed class Host : IDisposable
{
    private readonly LiveManager _manager;
    private readonly TemporaryFolder _folder = new();
    private readonly Action<ManagementClientOptions>? _configure;
    private readonly IRecallWitness? _witness;
    private ServiceProvider _services;

    public Host(LiveManager manager, string? token, Action<ManagementClientOptions>? configure = null, IRecallWitness? witness = null)
    {
        _manager = manager;
        Token = token;
        _configure = configure;
        Time = manager.Time;
        _witness = witness;
        _services = Make();
    }

    public string Folder => Path.Combine(_folder.Path, "state");

    public string? Token { get; set; }

    /// <summary>Gets or sets the machine's clock; the manager's own unless it is another.</summary>
    public TimeProvider Time { get; set; }

    public string HardwareId { get; set; } = "hardware-0001";

    public ManagementAgent Agent => _services.GetRequiredService<ManagementAgent>();

    /// <summary>Gets or sets what answers instead of the network; null lets the request through.</summary>
    public Func<HttpRequestMessage, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> Network { get; set; } = static (_, send) => send();

    public Task<TimeSpan> RoundAsync() => Agent.RunRoundAsync(TestContext.Current.CancellationToken);

    public void Restart()
    {
        _services.Dispose();
        _services = Make();
    }

    public void Dispose()
    {
        _services.Dispose();
        _folder.Dispose();
    }

    private ServiceProvider Make()
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton(Time);
        if (_witness is not null)
        {
            services.AddSingleton(_witness);
        }

        services.AddManagementClient(options =>
        {
            options.Address = _manager.Address;
            options.StateFolder = Folder;
            options.EnrolmentToken = Token;
            options.HostName = "desktop-01";
            options.HardwareId = HardwareId;
            options.Retries = 0;
            _configure?.Invoke(options);
        }).AddHttpMessageHandler(() => new Wire(this));
        return services.BuildServiceProvider();
    }

    private sealed class Wire(Host host) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            => host.Network(request, () => base.SendAsync(request, cancellationToken));
    }
}

/// <summary>Knows that everything was relied on.</summary>
internal sealed class EverythingRelied : IRecallWitness
{
    public ValueTask<IReadOnlyList<RelianceDocument>> FindAsync(IReadOnlyList<ContentHash> recalled, CancellationToken cancellationToken)
        => new([.. recalled.Select(static hash => new RelianceDocument { Hash = hash, Exemption = "seal", ImageId = "win11" })]);
}
