using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.Management.Server;

/// <summary>How often somebody may try and ask. Safe for concurrent use.</summary>
internal sealed class Gate
{
    private readonly Throttle _failures;
    private readonly Throttle _clients;
    private readonly Throttle _administrators;

    public Gate(IOptions<ManagementServerOptions> options, TimeProvider time)
    {
        _failures = new Throttle(options.Value.MaxFailuresPerMinute, time);
        _clients = new Throttle(options.Value.ClientRequestsPerMinute, time);
        _administrators = new Throttle(options.Value.AdministratorRequestsPerMinute, time);
    }

    public static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    public void RequireTries(string address)
    {
        if (_failures.IsSpent(address))
        {
            throw new ManagementException(ManagementFault.TooMany, "There were too many wrong credentials from this address; wait a minute.");
        }
    }

    public void CountFailure(string address) => _failures.TryTake(address);

    /// <summary>Counts a wrong credential, and says so where there were too many.</summary>
    public void Refuse(HttpContext context)
    {
        string address = AddressOf(context);
        RequireTries(address);
        CountFailure(address);
    }

    public void RequireClient(Guid client) => Require(_clients, client.ToString("N"));

    public void RequireAdministrator(string name) => Require(_administrators, name);

    private static void Require(Throttle throttle, string key)
    {
        if (!throttle.TryTake(key))
        {
            throw new ManagementException(ManagementFault.TooMany, "There were too many requests; wait a minute.");
        }
    }
}
