using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>The commands that ask the running agent.</summary>
internal static class ControlCommands
{
    private const int Clean = 0;
    private const int Infected = 1;
    private const int Failed = 2;

    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    public static async Task<int> ScanAsync(AgentOptions options, IReadOnlyList<string> paths, bool json, CancellationToken cancellationToken)
    {
        ControlAnswer answer = await AskAsync(options, new ControlRequest("scan", [.. paths.Select(Path.GetFullPath)]), cancellationToken);
        if (answer.Results is not { Scans: [ScanDocument scan] } results)
        {
            await Console.Error.WriteLineAsync(answer.Error ?? "The agent answered nothing.");
            return Failed;
        }

        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(answer, ControlJson.Default.ControlAnswer));
        }
        else
        {
            foreach (DetectionDocument detection in results.Detections)
            {
                Console.WriteLine($"{PrintableText.Escape(detection.Location)}: {PrintableText.Escape(detection.Threat)} FOUND");
            }

            Console.WriteLine($"{scan.Contents:N0} contents, {scan.Bytes:N0} bytes: {scan.Infected:N0} infected, {scan.Skipped:N0} skipped, {scan.Incomplete + scan.Failed + scan.Problems:N0} problems");
            foreach (SavingDocument saving in results.Savings)
            {
                Console.WriteLine($"  skipped by {saving.Exemption}: {saving.Contents:N0} contents, {saving.Bytes:N0} bytes");
            }
        }

        return scan.Infected > 0 ? Infected : scan.Incomplete + scan.Failed + scan.Problems > 0 || scan.Cancelled ? Failed : Clean;
    }

    public static async Task<int> StatusAsync(AgentOptions options, CancellationToken cancellationToken)
    {
        ControlAnswer answer = await AskAsync(options, new ControlRequest("status"), cancellationToken);
        if (answer.Status is null)
        {
            await Console.Error.WriteLineAsync(answer.Error ?? "The agent answered nothing.");
            return Failed;
        }

        Console.WriteLine(JsonSerializer.Serialize(answer, ControlJson.Default.ControlAnswer));
        return Clean;
    }

    private static async Task<ControlAnswer> AskAsync(AgentOptions options, ControlRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using NamedPipeClientStream pipe = new(".", ControlPipe.NameFor(options.Data), PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
            await pipe.ConnectAsync(ConnectTime, cancellationToken);
            await pipe.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request, ControlJson.Default.ControlRequest) + "\n"), cancellationToken);
            byte[] line = await ControlPipe.ReadLineAsync(pipe, cancellationToken) ?? throw new IOException("The agent ended before it answered.");
            return JsonSerializer.Deserialize(line, ControlJson.Default.ControlAnswer) ?? new ControlAnswer();
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException or JsonException or UnauthorizedAccessException)
        {
            return new ControlAnswer { Error = $"The agent with the data folder {options.Data} does not answer: {e.Message}" };
        }
    }
}
