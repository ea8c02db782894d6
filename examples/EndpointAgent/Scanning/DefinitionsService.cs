using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Gives the engine the definitions of a folder, and newer ones as they come.</summary>
internal sealed class DefinitionsService(AgentOptions options, SignatureEngine engine, TimeProvider time, ILogger<DefinitionsService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private string _seen = "";

    /// <summary>Tells that other definitions are in use.</summary>
    public event EventHandler? Loaded;

    /// <summary>Loads what is there, if it is not what was loaded last.</summary>
    public void Refresh(CancellationToken cancellationToken)
    {
        if (options.Definitions is not { } folder)
        {
            return;
        }

        try
        {
            string now = Look(folder);
            if (now == _seen)
            {
                return;
            }

            SignatureDatabase database = SignatureDatabase.Load(folder, new SignatureLoadOptions(), cancellationToken);
            engine.Use(database);
            _seen = now;
            Log.DefinitionsLoaded(logger, PrintableText.Escape(database.Definitions.Version), database.Definitions.SignatureCount);
            Loaded?.Invoke(this, EventArgs.Empty);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody may be putting new ones there just now; those in use stay.
            Log.DefinitionsNotLoaded(logger, folder, e.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            await Task.Run(() => Refresh(stoppingToken), stoppingToken).ConfigureAwait(false);
        }
    }

    private static string Look(string folder)
        => string.Join('\n', new DirectoryInfo(folder).EnumerateFiles().OrderBy(static file => file.Name, StringComparer.Ordinal).Select(static file => $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}"));
}
