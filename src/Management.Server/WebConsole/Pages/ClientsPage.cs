using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>The clients, searched and refined.</summary>
internal static class ClientsPage
{
    private const int PageLength = 25;
    private const int FacetLength = 8;

    public static async Task ShowAsync(ConsoleRequest request)
    {
        string query = request.Query("q") ?? "";
        int skip = int.TryParse(request.Query("skip"), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? Math.Min(number, ClientSearch.MaxSkip) : 0;
        ClientOrder order = Enum.GetValues<ClientOrder>().FirstOrDefault(choice => Words.Choice(choice) == request.Query("order"));
        ClientSearch search = request.Get<ClientSearch>();
        ClientPage page;
        IReadOnlyList<Facet> facets;
        try
        {
            page = await search.FindAsync(query, skip, PageLength, order, request.Stop).ConfigureAwait(false);
            facets = await search.CountAsync(query, null, request.Stop).ConfigureAwait(false);
        }
        catch (SearchQueryException e)
        {
            await request.PageAsync("Clients", $"{Form(request, query, order, e)}{Help()}", StatusCodes.Status400BadRequest).ConfigureAwait(false);
            return;
        }

        await request.PageAsync(
            "Clients",
            $"""
            {request.Done?.Show()}
            {Form(request, query, order, null)}
            {Refined(request, query, order)}
            <div class="with-side">
            <div>
            <p class="result" role="status"><span><strong>{Words.Counted(page.Total, "client", "clients")}</strong>{Range(page)}</span>
            <span class="exports">Export: <a href="{Export(request, "csv", query)}">CSV</a> <a href="{Export(request, "json", query)}">JSON</a></span></p>
            {Table(request, "Clients that were found", page.Clients, query, order)}
            {Pages(request, page, query, order)}
            </div>
            <aside aria-labelledby="refine"><h2 id="refine">Refine</h2>
            {Markup.Each(facets.Where(static facet => facet.Values.Any(static value => value.Name.Length > 0)), facet => FacetList.Show(request, FacetList.NameOf(facet.Axis), facet, query, FacetLength))}
            </aside>
            </div>
            {Help()}
            """).ConfigureAwait(false);
    }

    /// <summary>A table of clients; sortable where it is the answer to a query.</summary>
    public static Markup Table(ConsoleRequest request, string caption, IReadOnlyList<ClientSummary> clients, string? query = null, ClientOrder order = ClientOrder.Name) => clients.Count == 0
        ? $"""<p class="empty">No client fits.</p>"""
        : (Markup)$"""
          <div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table class="clients"><caption class="away">{caption}</caption><thead><tr>
          {Header(request, "Name", ClientOrder.Name, query, order, "ascending")}
          {Header(request, "Last seen", ClientOrder.LastSeen, query, order, "descending")}
          {Header(request, "Detections", ClientOrder.Detections, query, order, "descending", "number")}
          <th scope="col">Hypervisor</th><th scope="col" class="wide">Role</th><th scope="col" class="wide">Cloud</th><th scope="col" class="wide">Desktop</th><th scope="col" class="wide">Group</th>
          {Header(request, "Enrolled", ClientOrder.Enrolled, query, order, "descending", "widest")}
          </tr></thead><tbody>
          {Markup.Each(clients, client => Row(request, client))}
          </tbody></table></div>
          """;

    /// <summary>What is odd about a client.</summary>
    public static Markup Badges(ClientSummary client) =>
        $"""
        {Markup.If(client.Standing != ClientStanding.Normal, () => $"""<span class="badge warn">{StandingOf(client.Standing)}</span>""")}
        {Markup.If(client.Contradictory, static () => $"""<span class="badge warn">contradictory</span>""")}
        {Markup.If(client.State == Protocol.AgentState.Impaired, static () => $"""<span class="badge bad">impaired</span>""")}
        """;

    public static string StandingOf(ClientStanding standing) => standing switch
    {
        ClientStanding.Superseded => "ghost",
        ClientStanding.GenerationChanged => "cloned or taken back",
        _ => Words.Plain(standing),
    };

    private static Markup Row(ConsoleRequest request, ClientSummary c) =>
        $"""
        <tr><th scope="row"><a href="{request.At($"/clients/{c.Id:D}")}">{c.Name}</a> {Badges(c)}</th>
        <td class="still">{Words.Time(c.LastSeen, request.Now)}</td><td class="number">{(c.Detections > 0 ? (Markup)$"""<span class="badge bad">{Words.Number(c.Detections)}</span>""" : $"""<span class="quiet">0</span>""")}</td><td>{Hypervisor(c)}</td><td class="wide">{c.Role}</td><td class="wide">{c.Cloud}</td><td class="wide">{c.Broker}</td><td class="wide">{c.Group}</td>
        <td class="widest still">{Words.Time(c.Enrolled)}</td></tr>
        """;

    private static string Hypervisor(ClientSummary c) => c.Platform.Length > 0 ? c.Platform : c.Product.Length > 0 ? c.Product : c.Machine.Length > 0 ? c.Machine : "no tag";

    private static Markup Header(ConsoleRequest request, string name, ClientOrder by, string? query, ClientOrder order, string direction, string? cssClass = null) => query is null
        ? $"""<th scope="col"{Field.Attribute("class", cssClass)}>{name}</th>"""
        : (Markup)$"""<th scope="col"{Field.Attribute("class", cssClass)}{(by == order ? Field.Attribute("aria-sort", direction) : Markup.None)}><a href="{At(request, query, by)}">{name}</a></th>""";

    private static Markup Form(ConsoleRequest request, string query, ClientOrder order, SearchQueryException? fault) =>
        $"""
        <form class="search" role="search" method="get" action="{request.At("/clients")}">
        <label for="q">Search clients</label>
        <div class="together"><input id="q" name="q" type="search" value="{query}" maxlength="{SearchQuery.MaxLength}" autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="{(fault is null ? "q-hint" : "q-error q-hint")}"{(fault is null ? Markup.None : (Markup)$""" aria-invalid="true" """)}>
        {Markup.If(order != ClientOrder.Name, () => $"""<input type="hidden" name="order" value="{Words.Choice(order)}">""")}
        <button type="submit">Search</button></div>
        {(fault is null ? Markup.None : Fault(query, fault))}
        <p class="hint" id="q-hint">Words, and terms as <code>hypervisor:vmware role:guest lastseen:&lt;7d</code>. All must hold; a minus in front excludes; <code>*</code> stands for anything.</p>
        </form>
        """;

    /// <summary>The query once more, with the place that is not understood marked.</summary>
    private static Markup Fault(string query, SearchQueryException fault)
    {
        int at = Math.Clamp(fault.Position - 1, 0, query.Length);
        int end = at;
        while (end < query.Length && !char.IsWhiteSpace(query[end]))
        {
            end++;
        }

        return $"""<div class="notice error" role="alert"><p id="q-error">The query is not understood {fault.Message}</p><p class="place"><code>{query[..at]}<mark>{(at == end ? " " : query[at..end])}</mark>{query[end..]}</code></p></div>""";
    }

    private static Markup Refined(ConsoleRequest request, string query, ClientOrder order)
    {
        IReadOnlyList<string> terms = QueryTerms.Split(query);
        return terms.Count == 0
            ? Markup.None
            : $"""
              <ul class="chips" aria-label="Terms of the query">
              {Markup.Each(terms.Index(), term => $"""<li><code>{term.Item}</code> <a href="{At(request, QueryTerms.Without(terms, term.Index), order)}"><span aria-hidden="true">×</span><span class="away">Search without {term.Item}</span></a></li>""")}
              <li><a href="{request.At("/clients")}">All clients</a></li></ul>
              """;
    }

    private static Markup Range(ClientPage page) => page.Total > page.Clients.Count && page.Clients.Count > 0
        ? $", {Words.Number(page.Skipped + 1L)} to {Words.Number(page.Skipped + (long)page.Clients.Count)} shown" : Markup.None;

    private static Markup Pages(ConsoleRequest request, ClientPage page, string query, ClientOrder order)
    {
        bool hasMore = page.Skipped + page.Clients.Count < page.Total && page.Skipped + PageLength <= ClientSearch.MaxSkip;
        return page.Skipped == 0 && !hasMore
            ? Markup.None
            : $"""
              <nav class="pages" aria-label="Pages"><ul>
              {Markup.If(page.Skipped > 0, () => $"""<li><a rel="prev" href="{At(request, query, order, Math.Max(0, page.Skipped - PageLength))}">Previous page</a></li>""")}
              {Markup.If(hasMore, () => $"""<li><a rel="next" href="{At(request, query, order, page.Skipped + PageLength)}">Next page</a></li>""")}
              </ul></nav>
              """;
    }

    private static Markup Help() =>
        $"""
        <details class="card help"><summary>The fields of a query</summary>
        <div class="scroll" role="region" aria-label="Fields" tabindex="0"><table><caption class="away">Fields of a query</caption><thead><tr><th scope="col">Field</th><th scope="col">What it looks at</th><th scope="col">Example</th></tr></thead><tbody>
        {Markup.Each(ClientSearch.Fields, static field => $"""<tr><th scope="row"><code>{field.Name}</code></th><td>{field.Meaning}</td><td><code>{field.Example}</code></td></tr>""")}
        </tbody></table></div></details>
        """;

    private static string At(ConsoleRequest request, string query, ClientOrder order, int skip = 0) => Link.With(
        request.At("/clients"),
        ("q", query),
        ("order", order == ClientOrder.Name ? null : Words.Choice(order)),
        ("skip", skip == 0 ? null : skip.ToString(CultureInfo.InvariantCulture)));

    private static string Export(ConsoleRequest request, string kind, string query) => Link.With($"{request.Context.Request.PathBase}/api/v1/clients/export.{kind}", ("q", query));
}
