using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Lists of clients as files. They are written as they are read, and hold back no more than one client.</summary>
public static partial class ClientExport
{
    private static readonly (string Name, Func<ClientSummary, string?> Value)[] Columns =
    [
        ("id", static c => c.Id.ToString()),
        ("name", static c => c.Name),
        ("group", static c => c.Group),
        ("enrolled", static c => Time(c.Enrolled)),
        ("lastSeen", static c => Time(c.LastSeen)),
        ("expires", static c => Time(c.Expires)),
        ("standing", static c => TagColumns.Word(c.Standing)),
        ("relatedTo", static c => c.RelatedTo?.ToString()),
        ("state", static c => TagColumns.Word(c.State)),
        ("agentVersion", static c => c.AgentVersion),
        ("engine", static c => c.Engine),
        ("definitions", static c => c.Definitions),
        ("machine", static c => c.Machine),
        ("product", static c => c.Product),
        ("family", static c => c.Family),
        ("vendor", static c => c.Vendor),
        ("platform", static c => c.Platform),
        ("hypervisorVersion", static c => c.HypervisorVersion),
        ("role", static c => c.Role),
        ("cloud", static c => c.Cloud),
        ("instanceType", static c => c.InstanceType),
        ("container", static c => c.Container),
        ("orchestrator", static c => c.Orchestrator),
        ("confidential", static c => c.Confidential),
        ("broker", static c => c.Broker),
        ("pool", static c => c.Pool),
        ("madeAs", static c => c.MadeAs),
        ("persistent", static c => c.Persistent),
        ("chain", static c => c.Chain),
        ("contradictory", static c => c.Contradictory ? "yes" : "no"),
        ("detections", static c => c.Detections.ToString(CultureInfo.InvariantCulture)),
        ("lastDetection", static c => Time(c.LastDetection)),
    ];

    /// <summary>Writes clients as comma-separated values (RFC 4180) in UTF-8, with a line of names.</summary>
    /// <remarks>A text that a spreadsheet would take for a formula gets an apostrophe in front: a client's name must not run on an administrator's desk.</remarks>
    /// <param name="clients">The clients.</param>
    /// <param name="output">Where they are written; it is left open.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>A task that ends with the writing.</returns>
    public static async Task WriteCsvAsync(IAsyncEnumerable<ClientSummary> clients, Stream output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(clients);
        StreamWriter writer = new(output, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" };
        await using (writer.ConfigureAwait(false))
        {
            await writer.WriteLineAsync(string.Join(',', Columns.Select(static column => column.Name)).AsMemory(), cancellationToken).ConfigureAwait(false);
            await foreach (ClientSummary client in clients.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                await writer.WriteLineAsync(string.Join(',', Columns.Select(column => Cell(column.Value(client) ?? ""))).AsMemory(), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Writes clients as a JSON array.</summary>
    /// <param name="clients">The clients.</param>
    /// <param name="output">Where they are written; it is left open.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>A task that ends with the writing.</returns>
    public static Task WriteJsonAsync(IAsyncEnumerable<ClientSummary> clients, Stream output, CancellationToken cancellationToken = default)
        => JsonSerializer.SerializeAsync(output, clients, ServerJson.Options, cancellationToken);

    /// <summary>A cell of a table of comma-separated values.</summary>
    internal static string Cell(string text)
    {
        // What makes a formula: = + - @ at the beginning, and white space in front of them that spreadsheets drop; also their wide forms.
        if (text.Length > 0 && (text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or ' ' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20'))
        {
            text = "'" + text;
        }

        // Where a list is separated by semicolons, a spreadsheet begins another cell behind each.
        text = FormulaBehindSemicolon().Replace(text, "$1'");
        return text.AsSpan().IndexOfAny(",\"\r\n;") >= 0 || text.StartsWith('\'') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    [GeneratedRegex(@"(;\s*)(?=[-=+@\uFF1D\uFF0B\uFF0D\uFF20])")]
    private static partial Regex FormulaBehindSemicolon();

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
