using System.Globalization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>What was found.</summary>
internal static class DetectionsPage
{
    private const int PageLength = 50;

    public static async Task ShowAsync(ConsoleRequest request)
    {
        string? threat = request.Query("threat");
        string? hash = request.Query("hash");
        Notice? notice = null;
        ContentHash? content = null;
        if (hash is not null)
        {
            if (ContentHash.TryParse(hash.Trim(), null, out ContentHash parsed))
            {
                content = parsed;
            }
            else
            {
                notice = Notice.Error("hash: a content is named by the 64 hexadecimal digits of its SHA-256.");
            }
        }

        Guid? client = Guid.TryParse(request.Query("client"), out Guid id) ? id : null;
        long? before = long.TryParse(request.Query("before"), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
        IReadOnlyList<DetectionEntry> found = notice is null
            ? await request.Get<ResultStore>().DetectionsAsync(new DetectionFilter { Threat = threat, Hash = content, ClientId = client, Before = before, Count = PageLength }, request.Stop).ConfigureAwait(false)
            : [];
        await request.PageAsync(
            "Detections",
            $"""
            {notice?.Show(hasField: true)}
            <form class="card row" method="get" action="{request.At("/detections")}">
            {new Field("threat", "Threat").Text(threat, "search")}
            {new Field("hash", "SHA-256 of the content", notice).Text(hash, "search")}
            {Markup.If(client is not null, () => $"""<input type="hidden" name="client" value="{client!.Value}">""")}
            <p class="buttons"><button type="submit">Search</button></p></form>
            {Markup.If(client is not null, () => $"""<p>Only of <a href="{request.At($"/clients/{client!.Value:D}")}">one client</a>. <a href="{request.At("/detections")}">Of all clients</a></p>""")}
            {Table(request, "Detections, the newest first", found)}
            {Markup.If(found.Count == PageLength, () => $"""<nav class="pages" aria-label="Pages"><ul><li><a rel="next" href="{Link.With(request.At("/detections"), ("threat", threat), ("hash", hash), ("client", client?.ToString("D")), ("before", found[^1].Id.ToString(CultureInfo.InvariantCulture)))}">Earlier detections</a></li></ul></nav>""")}
            """,
            request.StatusAfter(notice)).ConfigureAwait(false);
    }

    public static Markup Table(ConsoleRequest request, string caption, IReadOnlyList<DetectionEntry> detections, bool withClient = true) => detections.Count == 0
        ? $"""<p class="empty">Nothing was found.</p>"""
        : (Markup)$"""
          <div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table><caption class="away">{caption}</caption><thead><tr>
          <th scope="col">Found</th><th scope="col">Threat</th>{Markup.If(withClient, static () => $"""<th scope="col">Client</th>""")}<th scope="col">Where</th><th scope="col" class="wide">Why scanned</th><th scope="col">Done</th><th scope="col">Content</th></tr></thead><tbody>
          {Markup.Each(detections, detection => Row(request, detection, withClient))}
          </tbody></table></div>
          """;

    private static Markup Row(ConsoleRequest request, DetectionEntry d, bool withClient) =>
        $"""
        <tr><td class="still">{Words.Time(d.Time)}</td><th scope="row"><a href="{Link.With(request.At("/detections"), ("threat", d.Threat))}">{d.Threat}</a></th>
        {Markup.If(withClient, () => $"""<td><a href="{request.At($"/clients/{d.ClientId:D}")}">{d.ClientName}</a></td>""")}
        <td class="path">{d.Location}{Markup.If(d.ImageId.Length > 0, () => $""" <span class="badge warn">sealed in {d.ImageId}</span>""")}</td>
        <td class="wide">{Words.Plain(d.Trigger)}</td><td>{Words.Plain(d.Action)}</td>
        <td>{(d.Hash.Length == 0 ? (Markup)$"""<span class="quiet">no hash</span>""" : $"""<a href="{Link.With(request.At("/recalls"), ("hash", d.Hash))}"><span class="away">Who relied on </span><code>{d.Hash[..Math.Min(12, d.Hash.Length)]}…</code></a>""")}</td></tr>
        """;
}
