using System.IO.Pipes;
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
    private NamedPipeServerStream? _listening;

    /// <summary>Listens from here on: an agent that says it is ready answers.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows())
        {
            // What a process that was killed left behind.
            File.Delete(ControlPipe.NameFor(options.Data));
        }

        _listening = ControlPipe.Listen(options.Data);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<Task> serving = [];
        while (!stoppingToken.IsCancellationRequested)
        {
            NamedPipeServerStream pipe = _listening ?? ControlPipe.Listen(options.Data);
            _listening = null;
            try
            {
                await pipe.WaitForConnectionAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                await pipe.DisposeAsync().ConfigureAwait(false);
                break;
            }

            serving.RemoveAll(static task => task.IsCompleted);
            serving.Add(ServeAsync(pipe, stoppingToken));
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
        return new ControlAnswer { Results = batch };
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
                ClientId = options.Manager is null ? null : policy.ClientId,
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
