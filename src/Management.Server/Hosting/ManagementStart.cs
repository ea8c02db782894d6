using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Management.Server.Storage;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Brings the tables to this version's form and makes the first account, before the first request is taken.</summary>
internal sealed class ManagementStart(ManagementDatabase database, Administrators administrators, IOptions<ManagementServerOptions> options) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        string folder = options.Value.DataFolder;
        if (!Directory.Exists(folder))
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }

        await database.MigrateAsync(cancellationToken).ConfigureAwait(false);
        await administrators.EnsureFirstAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
