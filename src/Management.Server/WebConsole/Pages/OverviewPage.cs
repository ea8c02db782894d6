namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>How things stand.</summary>
internal static class OverviewPage
{
    private static readonly (string Axis, string Title)[] Shown = [("product", "By hypervisor"), ("role", "By role"), ("cloud", "By cloud"), ("broker", "By desktop broker")];

    public static async Task ShowAsync(ConsoleRequest request)
    {
        ClientSearch search = request.Get<ClientSearch>();
        InsightCacheProbe probe = request.Get<InsightCacheProbe>();
        Task<IReadOnlyList<CacheStanding>> caches = probe.LookAsync(request.Stop);
        Task<CacheFigures?> figures = probe.ReadAsync(request.Stop);
        Overview overview = await request.Get<Reports>().OverviewAsync(request.Stop).ConfigureAwait(false);
        long silent = (await search.FindAsync("lastseen:>1d", 0, 1, cancellationToken: request.Stop).ConfigureAwait(false)).Total;
        IReadOnlyList<Facet> facets = await search.CountAsync(null, [.. Shown.Select(static shown => shown.Axis)], request.Stop).ConfigureAwait(false);
        IReadOnlyList<DetectionEntry> detections = await request.Get<ResultStore>().DetectionsAsync(new DetectionFilter { Count = 6 }, request.Stop).ConfigureAwait(false);
        await request.PageAsync(
            "Overview",
            $"""
            {request.Done?.Show()}
            <h2>Clients</h2>
            <ul class="cards">
            {Card(request, "Clients", overview.Clients, "")}
            {Card(request, "Heard of in the last 5 minutes", overview.Online, "lastseen:<5m", "good")}
            {Card(request, "Silent for more than a day", silent, "lastseen:>1d", silent > 0 ? "warn" : null)}
            {Card(request, "Virtual", overview.Virtual, "machine:virtual")}
            {Card(request, "Clones, ghosts, shared credentials", overview.Flagged, "-standing:normal", overview.Flagged > 0 ? "warn" : null)}
            {Card(request, "Unknown or contradictory tag", overview.UnknownOrContradictory, "contradictory:yes", overview.UnknownOrContradictory > 0 ? "warn" : null)}
            {Card(request, "Found something in the last 7 days", overview.Infected, "lastdetection:<7d", overview.Infected > 0 ? "bad" : null)}
            </ul>
            <div class="columns">
            {Markup.Each(Shown, shown => FacetList.Show(request, shown.Title, facets.First(facet => facet.Axis == shown.Axis), "", 6))}
            </div>
            <h2>Not scanned twice, last 30 days</h2>
            <ul class="cards">
            {Amount("Not scanned", Words.Bytes(overview.Saved.Bytes))}
            {Amount("Files skipped", Words.Number(overview.Saved.Contents))}
            {Amount("Scan time saved", Words.Duration(overview.Saved.Milliseconds))}
            </ul>
            {Chart.Days("Bytes not scanned by day", "Not scanned", [.. overview.SavingsByDay.Select(static day => (day.Name, day.Bytes))], Words.Bytes)}
            <p><a href="{request.At("/reports")}">Savings by client, image and day</a></p>
            <h2>Detections</h2>
            {Chart.Days("Detections by day", "Detections", [.. overview.DetectionsByDay.Select(static day => (day.Day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), day.Count))], Words.Number)}
            {DetectionsPage.Table(request, "The last detections", detections)}
            <p><a href="{request.At("/detections")}">All detections</a></p>
            <h2>Shared Insight Cache</h2>
            {Caches(await caches.ConfigureAwait(false))}
            {FiguresOf(await figures.ConfigureAwait(false))}
            """).ConfigureAwait(false);
    }

    private static Markup Card(ConsoleRequest request, string name, long value, string query, string? mood = null) =>
        $"""
        <li{Field.Attribute("class", mood)}><a href="{Link.With(request.At("/clients"), ("q", query))}"><span class="value">{Words.Number(value)}</span> <span class="name">{name}</span></a></li>
        """;

    private static Markup Amount(string name, string value) => $"""<li><span class="value">{value}</span> <span class="name">{name}</span></li>""";

    private static Markup Caches(IReadOnlyList<CacheStanding> caches) => caches.Count == 0
        ? $"""<p class="quiet">No policy names a cache.</p>"""
        : (Markup)$"""
          <div class="scroll" role="region" aria-label="Insight caches" tabindex="0"><table><caption>Caches that policies name</caption>
          <thead><tr><th scope="col">Address</th><th scope="col">Answer</th><th scope="col">Named by the policy of</th></tr></thead><tbody>
          {Markup.Each(caches, static cache => $"""<tr><th scope="row">{cache.Address.ToString()}</th><td><span class="badge {(cache.IsReachable ? "good" : "bad")}">{(cache.IsReachable ? "reachable" : "not reachable")}</span> {cache.Answer}</td><td>{string.Join(", ", cache.Groups)}</td></tr>""")}
          </tbody></table></div>
          """;

    private static Markup FiguresOf(CacheFigures? figures) => figures is null ? Markup.None
        : figures.Error is { } error ? $"""<p class="quiet">{error}</p>"""
        : (Markup)$"""<ul class="cards">{Markup.Each(figures.Values, static figure => Amount(figure.Name, Words.Number(figure.Value)))}</ul>""";
}
