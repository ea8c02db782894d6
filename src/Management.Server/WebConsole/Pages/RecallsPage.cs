using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>A content turned out bad: who relied on it, and have it scanned everywhere.</summary>
internal static class RecallsPage
{
    public static Task ShowAsync(ConsoleRequest request) => ShowAsync(request, request.Query("hash"), request.Done);

    public static Task RecallAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            ContentHash hash = Parse(request.Form("hash"));
            await request.Get<RecallStore>().AddAsync(hash, request.Form("threat"), request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At("/recalls"), ("hash", hash.ToString()), ("done", "recalled"));
        },
        notice => ShowAsync(request, request.Form("hash"), notice));

    public static Task LiftAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            ContentHash hash = Parse(request.Form("hash"));
            await request.Get<RecallStore>().LiftAsync(hash, request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At("/recalls"), ("hash", hash.ToString()), ("done", "lifted"));
        },
        notice => ShowAsync(request, request.Form("hash"), notice));

    private static ContentHash Parse(string text) => ContentHash.TryParse(text.Trim(), null, out ContentHash hash)
        ? hash : throw ManagementException.Invalid("hash: a content is named by the 64 hexadecimal digits of its SHA-256.");

    private static async Task ShowAsync(ConsoleRequest request, string? text, Notice? notice)
    {
        RecallStore recalls = request.Get<RecallStore>();
        RecallReach? reach = null;
        if (!string.IsNullOrWhiteSpace(text))
        {
            if (ContentHash.TryParse(text.Trim(), null, out ContentHash hash))
            {
                reach = await recalls.ReachAsync(hash, request.Stop).ConfigureAwait(false);
            }
            else
            {
                notice ??= Notice.Error("hash: a content is named by the 64 hexadecimal digits of its SHA-256.");
            }
        }

        IReadOnlyList<RecallEntry> known = await recalls.ListAsync(request.Stop).ConfigureAwait(false);
        await request.PageAsync(
            "Recalls",
            $"""
            {notice?.Show(hasField: true)}
            <p>A content turned out bad: which clients and seals relied on it?</p>
            <form class="card row" method="get" action="{request.At("/recalls")}">
            {new Field("hash", "SHA-256 of the content", notice, "64 hexadecimal digits").Text(text, "search", isRequired: true, complete: "off")}
            <p class="buttons"><button type="submit">Who relied on it?</button></p></form>
            {(reach is null ? Markup.None : Reach(request, reach))}
            <h2>Recalled contents</h2>
            {List(request, known)}
            """,
            request.StatusAfter(notice)).ConfigureAwait(false);
    }

    private static Markup Reach(ConsoleRequest request, RecallReach reach)
    {
        int clients = reach.Relied.Select(static r => r.ClientId).Concat(reach.Seals.SelectMany(static seal => seal.Clients).Select(static client => client.Id)).Distinct().Count();
        return
            $"""
            <section aria-labelledby="reach"><h2 id="reach">Who relied on <code class="hash">{reach.Hash.ToString()}</code></h2>
            <p>{(reach.Recall is { } recall ? (Markup)$"""<span class="badge bad">recalled</span> by {recall.Author} on {Words.Time(recall.Created)}{Markup.If(recall.Threat.Length > 0, () => $" as {recall.Threat}")}.""" : $"""<span class="badge">not recalled</span> Clients answer whether they relied on a content once it is recalled.""")}
            <strong>{Words.Counted(clients, "client", "clients")}</strong> and <strong>{Words.Counted(reach.Seals.Count, "seal", "seals")}</strong> are concerned.</p>
            {Markup.If(request.MayOperate, () => Act(request, reach))}
            <h3>Clients that have said that they relied on it</h3>
            {Relied(request, reach.Relied)}
            <h3>Seals that had called it clean</h3>
            {Seals(request, reach.Seals)}
            <h3>Where it was found</h3>
            {DetectionsPage.Table(request, "Where the content was found", reach.Detections)}
            </section>
            """;
    }

    private static Markup Act(ConsoleRequest request, RecallReach reach) => reach.Recall is null
        ? request.FormOf(
            request.At("/recalls"),
            $"""
            <input type="hidden" name="hash" value="{reach.Hash.ToString()}">
            {new Field("threat", "The threat's name, if it has one").Text(null, most: 128)}
            <p class="buttons"><button class="danger" type="submit">Recall the content</button></p>
            """,
            "card row")
        : request.Button(request.At("/recalls/lift"), "Lift the recall", hidden: [("hash", reach.Hash.ToString())]);

    private static Markup Relied(ConsoleRequest request, IReadOnlyList<Reliance> relied) => relied.Count == 0
        ? $"""<p class="empty">Nobody has said so.</p>"""
        : (Markup)$"""
          <div class="scroll" role="region" aria-label="Clients that relied on it" tabindex="0"><table><caption class="away">Clients that relied on the content</caption><thead><tr><th scope="col">Client</th><th scope="col">By the word of</th><th scope="col">Image</th><th scope="col">Where</th><th scope="col">Said</th></tr></thead><tbody>
          {Markup.Each(relied, r => $"""<tr><th scope="row"><a href="{request.At($"/clients/{r.ClientId:D}")}">{r.ClientName}</a></th><td>{r.Exemption}</td><td>{r.ImageId}</td><td class="path">{r.Location}</td><td class="still">{Words.Time(r.Last)}</td></tr>""")}
          </tbody></table></div>
          """;

    private static Markup Seals(ConsoleRequest request, IReadOnlyList<SealReach> seals) => seals.Count == 0
        ? $"""<p class="empty">No seal is known to have called it clean.</p>"""
        : Markup.Each(seals, seal =>
            $"""
            <div class="card"><p><strong>{seal.ImageId}</strong> <span class="quiet">seal</span> <code>{seal.SealId}</code>, in use by {Words.Counted(seal.Clients.Count, "client", "clients")}</p>
            <ul class="names">{Markup.Each(seal.Clients.Take(100), client => $"""<li><a href="{request.At($"/clients/{client.Id:D}")}">{client.Name}</a></li>""")}</ul>
            {Markup.If(seal.Clients.Count > 100, () => $"""<p><a href="{Link.With(request.At("/clients"), ("q", "seal:" + seal.SealId.ToString("D")))}">All of them</a></p>""")}</div>
            """);

    private static Markup List(ConsoleRequest request, IReadOnlyList<RecallEntry> recalls) => recalls.Count == 0
        ? $"""<p class="empty">No content is recalled.</p>"""
        : (Markup)$"""
          <div class="scroll" role="region" aria-label="Recalled contents" tabindex="0"><table><caption class="away">Recalled contents, the newest first</caption><thead><tr><th scope="col">Content</th><th scope="col">Threat</th><th scope="col">Recalled</th><th scope="col">By</th></tr></thead><tbody>
          {Markup.Each(recalls, recall => $"""<tr><th scope="row"><a href="{Link.With(request.At("/recalls"), ("hash", recall.Hash.ToString()))}"><code>{recall.Hash.ToString()}</code></a></th><td>{recall.Threat}</td><td class="still">{Words.Time(recall.Created)}</td><td>{recall.Author}</td></tr>""")}
          </tbody></table></div>
          """;
}
