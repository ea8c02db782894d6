using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The server's figures for a person: rendered here, and kept alive by a little script where there is one.</summary>
internal static class StatusPage
{
    public const string Style = "status.css";
    public const string Script = "status.js";

    private static readonly CompositeFormat Card = CompositeFormat.Parse(
        """
            <li><div class="name" id="{0}-name">{1}</div><div class="value" id="{0}" aria-labelledby="{0}-name">{2}</div>{3}</li>

        """);

    public static async Task WriteAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Ask | ClientRoles.Administer).ConfigureAwait(false) is null)
        {
            return;
        }

        // As in the status document.
        await Task.Yield();
        Protect(context.Response, "text/html; charset=utf-8");
        await context.Response.WriteAsync(Render(server.Describe()), context.RequestAborted).ConfigureAwait(false);
    }

    public static async Task WriteResourceAsync(HttpContext context, string name)
    {
        Protect(context.Response, name == Style ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8");
        using Stream resource = typeof(StatusPage).Assembly.GetManifestResourceStream(name)!;
        await resource.CopyToAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
    }

    private static void Protect(HttpResponse response, string type)
    {
        response.ContentType = type;
        response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
    }

    private static string Render(StatusDocument status)
    {
        StringBuilder page = new();
        string ratio = status.Lookups == 0 ? "nothing asked yet" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * status.Hits / status.Lookups:f1} %");
        page.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>Shared Insight Cache</title>
              <link rel="stylesheet" href="/status/{Style}">
              <script src="/status/{Script}" defer></script>
            </head>
            <body>
            <header>
              <h1>Shared Insight Cache</h1>
              <p class="note">started {status.Started:yyyy-MM-dd HH:mm} UTC, version {Encode(status.Version)}, <span id="state" role="status">as of when the page was loaded</span></p>
            </header>
            <main>
              <h2>Now</h2>
              <ul class="cards">

            """);
        Append(page, "ratio", "Contents asked for that were clean", ratio, hasChart: true);
        Append(page, "requests", "Cache requests", Number(status.CacheRequests), hasChart: true);
        Append(page, "updates", "Update requests", Number(status.UpdateRequests), hasChart: false);
        Append(page, "items", "Items in the cache", Number(status.Items), hasChart: true);
        Append(page, "clean", "Items voted clean", Number(status.ItemsVotedClean), hasChart: false);
        Append(page, "pending", "Items that others must still vote for", Number(status.ItemsPending), hasChart: false);
        Append(page, "memory", "Memory", $"{Mebibytes(status.MemoryUsed)} of {Mebibytes(status.MemoryLimit)}", hasChart: true);
        Append(page, "clients", "Clients with credentials", Number(status.Clients), hasChart: true);
        Append(page, "leases", "Leases", $"{Number(status.Leases)} given, {Number(status.Waits)} waits", hasChart: false);
        Append(page, "recalls", "Recalled contents", Number(status.Recalls), hasChart: false);
        page.Append("""
              </ul>
              <h2>Definitions</h2>
              <div class="scroll" tabindex="0" role="region" aria-label="Definitions">
              <table>
                <thead><tr><th scope="col">Tenant</th><th scope="col">Engine</th><th scope="col">Profile</th><th scope="col">Version</th><th scope="col" class="number">Sequence</th><th scope="col">Learnt (UTC)</th><th scope="col">Standing</th></tr></thead>
                <tbody>

            """);
        foreach (LaneDocument lane in status.Lanes)
        {
            Append(page, lane);
        }

        page.Append("""
                </tbody>
              </table>
              </div>
            </main>
            </body>
            </html>
            """);
        return page.ToString();
    }

    private static void Append(StringBuilder page, string id, string name, string value, bool hasChart)
        => page.AppendFormat(
            CultureInfo.InvariantCulture,
            Card,
            id,
            name,
            Encode(value),
            hasChart ? $"""<svg id="{id}-chart" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label="{name}, the last minutes"><polyline points=""/></svg>""" : "");

    private static void Append(StringBuilder page, LaneDocument lane)
    {
        foreach (GenerationDocument generation in lane.Generations)
        {
            bool isCurrent = generation == lane.Generations[0];
            page.Append(
                CultureInfo.InvariantCulture,
                $"""      <tr{(isCurrent ? " class=\"current\"" : "")}><td>{Encode(lane.Tenant)}</td><td>{Encode(lane.Engine)}</td><td>{Encode(lane.Profile)}</td><td>{Encode(generation.Version)}</td><td class="number">{generation.Sequence}</td><td>{generation.Learnt:yyyy-MM-dd HH:mm}</td><td>{(isCurrent ? "current" : "kept")}</td></tr>""");
            page.Append('\n');
        }

        foreach (CandidateDocument candidate in lane.Candidates)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"""      <tr><td>{Encode(lane.Tenant)}</td><td>{Encode(lane.Engine)}</td><td>{Encode(lane.Profile)}</td><td>{Encode(candidate.Version)}</td><td class="number">{candidate.Sequence}</td><td></td><td>reported by {candidate.Reports} of {candidate.Needed}</td></tr>""");
            page.Append('\n');
        }
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Mebibytes(long bytes) => Number((bytes + (1 << 19)) >> 20) + " MiB";

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
