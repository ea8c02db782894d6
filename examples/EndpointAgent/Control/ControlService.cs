using System.IO.Pipes;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Does what commands on this machine ask for: a manual scan, the agent's status.</summary>
internal sealed class ControlService(
    AgentOptions options, PolicyInForce policy, CurrentProtection protection, EndpointScanner scanner, AutoProtectService autoProtect, DefinitionsService definitions, IResultSink results, TimeProvider time, ILogger<ControlService> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private NamedPipeServerStream? _listening;

    /// <summary>Listens from here on: an agent that says it is ready answers.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                // What a process that was killed left behind.
                File.Delete(ControlPipe.NameFor(options.Data));
            }

            _listening = ControlPipe.Listen(options.Data);
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            // Protection does not wait for somebody to ask about it.
            Log.ControlFailed(logger, e.Message);
        }

        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<Task> serving = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            NamedPipeServerStream? pipe = _listening;
            _listening = null;
            try
            {
                pipe ??= ControlPipe.Listen(options.Data);
                await pipe.WaitForConnectionAsync(stoppingToken).ConfigureAwait(false);
                serving.RemoveAll(static task => task.IsCompleted);
                serving.Add(ServeAsync(pipe, stoppingToken));
            }
            catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException or OperationCanceledException)
            {
                if (pipe is not null)
                {
                    await pipe.DisposeAsync().ConfigureAwait(false);
                }

                if (e is not OperationCanceledException)
                {
                    // Somebody who may not ask, or nothing is left to listen with.
                    Log.ControlFailed(logger, e.Message);
                    await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }

        await Task.WhenAll(serving).ConfigureAwait(false);
    }

    private async Task ServeAsync(NamedPipeServerStream pipe, CancellationToken stoppingToken)
    {
        try
        {
            await using (pipe.ConfigureAwait(false))
            {
                byte[]? line = await ControlPipe.ReadLineAsync(pipe, stoppingToken).ConfigureAwait(false);
                ControlAnswer answer = line is null ? new ControlAnswer { Error = "Nothing was asked." } : await AnswerAsync(line, stoppingToken).ConfigureAwait(false);
                await pipe.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, ControlJson.Default.ControlAnswer), stoppingToken).ConfigureAwait(false);
                await pipe.WriteAsync("\n"u8.ToArray(), stoppingToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Whoever asked is gone, or the agent ends.
            Log.ControlEnded(logger, e.Message);
        }
    }

    private async Task<ControlAnswer> AnswerAsync(byte[] line, CancellationToken stoppingToken)
    {
        try
        {
            ControlRequest? request = JsonSerializer.Deserialize(line, ControlJson.Default.ControlRequest);
            return request?.Command switch
            {
                "scan" => await ScanAsync(request.Paths ?? [], stoppingToken).ConfigureAwait(false),
                "status" => new ControlAnswer { Status = Status() },
                _ => new ControlAnswer { Error = "There is no such command." },
            };
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return new ControlAnswer { Error = e.Message };
        }
    }

    private async Task<ControlAnswer> ScanAsync(IReadOnlyList<string> paths, CancellationToken stoppingToken)
    {
        // Whoever asks for a scan wants it with what is there now.
        await Task.Run(() => definitions.Refresh(stoppingToken), stoppingToken).ConfigureAwait(false);
        IReadOnlyList<string> roots = paths.Count > 0 ? paths : options.ScanRoots;
        EndpointScan scan = await scanner.ScanAsync(roots, ScanTrigger.Manual, string.Join(", ", roots), cancellationToken: stoppingToken).ConfigureAwait(false);
        ResultBatch batch = ScanBatch.Of(scan, time);
        results.Report(batch);
        return new ControlAnswer { Results = batch with { Detections = [.. batch.Detections.Take(WireLimits.MaxDetections)] } };
    }

    private AgentStatus Status()
    {
        Protection use = protection.Use();
        try
        {
            DefinitionSet used = scanner.Engine.Definitions;
            return new AgentStatus
            {
                Policy = policy.Current.Name,
                Manager = options.Manager?.ToString(),
                ClientId = policy.ClientId,
                Definitions = used.Version,
                Signatures = used.SignatureCount,
                Seals = [.. use.Seals.Images.Select(static image => image.Seal.Id)],
                InsightCache = use.Cache is null ? null : use.Policy.InsightCache.Address?.ToString(),
                Scanned = autoProtect.Scanned,
                Exempt = autoProtect.Exempt,
                Machine = options.HostName ?? Environment.MachineName,
            };
        }
        finally
        {
            use.Release();
        }
    }
}
