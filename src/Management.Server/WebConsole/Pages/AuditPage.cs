using System.Globalization;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>What administrators did.</summary>
internal static class AuditPage
{
    private const int PageLength = 100;

    public static async Task ShowAsync(ConsoleRequest request)
    {
        string? actor = request.Query("actor");
        long? before = long.TryParse(request.Query("before"), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
        IReadOnlyList<AuditEntry> entries = await request.Get<AuditLog>().ReadAsync(before, actor, PageLength, request.Stop).ConfigureAwait(false);
        await request.PageAsync(
            "Audit log",
            $"""
            <form class="card row" method="get" action="{request.At("/audit")}">{new Field("actor", "Only of").Text(actor, "search", complete: "off")}<p class="buttons"><button type="submit">Show</button></p></form>
            {(entries.Count == 0 ? (Markup)$"""<p class="empty">There is no entry.</p>""" : Table(request, entries))}
            {Markup.If(entries.Count == PageLength, () => $"""<nav class="pages" aria-label="Pages"><ul><li><a rel="next" href="{Link.With(request.At("/audit"), ("actor", actor), ("before", entries[^1].Id.ToString(CultureInfo.InvariantCulture)))}">Earlier entries</a></li></ul></nav>""")}
            """).ConfigureAwait(false);
    }

    private static Markup Table(ConsoleRequest request, IReadOnlyList<AuditEntry> entries) =>
        $"""
        <div class="scroll" role="region" aria-label="Entries" tabindex="0"><table><caption class="away">What was done, the newest first</caption><thead><tr>
        <th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">To what</th><th scope="col">More</th><th scope="col">From</th></tr></thead><tbody>
        {Markup.Each(entries, entry => $"""<tr><td class="still">{Words.Time(entry.Time)}</td><td><a href="{Link.With(request.At("/audit"), ("actor", entry.Actor))}">{entry.Actor}</a></td><th scope="row"><code>{entry.Act}</code></th><td class="path">{entry.Target}</td><td class="path">{entry.Detail}</td><td>{entry.Address}</td></tr>""")}
        </tbody></table></div>
        """;
}
