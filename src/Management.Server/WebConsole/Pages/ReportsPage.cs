using System.Globalization;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>What was not scanned, and what was found, over some days.</summary>
internal static class ReportsPage
{
    private static readonly int[] Spans = [7, 30, 90, 365];

    public static async Task ShowAsync(ConsoleRequest request)
    {
        int days = int.TryParse(request.Query("days"), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && Spans.Contains(number) ? number : 30;
        Guid? client = Guid.TryParse(request.Query("client"), out Guid id) ? id : null;
        Reports reports = request.Get<Reports>();
        DateOnly to = DateOnly.FromDateTime(request.Now.UtcDateTime);
        DateOnly from = to.AddDays(1 - days);
        IReadOnlyList<SavingTotal> byDay = await reports.SavingsAsync(SavingAxis.Day, from, to, client, cancellationToken: request.Stop).ConfigureAwait(false);
        IReadOnlyList<SavingTotal> byClient = await reports.SavingsAsync(SavingAxis.Client, from, to, client, 20, request.Stop).ConfigureAwait(false);
        IReadOnlyList<SavingTotal> byImage = await reports.SavingsAsync(SavingAxis.Image, from, to, client, 20, request.Stop).ConfigureAwait(false);
        IReadOnlyList<SavingTotal> byExemption = await reports.SavingsAsync(SavingAxis.Exemption, from, to, client, 20, request.Stop).ConfigureAwait(false);
        IReadOnlyList<NameCount> threats = await reports.ThreatsAsync(new DateTimeOffset(from.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), 20, request.Stop).ConfigureAwait(false);
        await request.PageAsync(
            "Reports",
            $"""
            <nav class="chips" aria-label="Span"><ul>{Markup.Each(Spans, span => $"""<li><a href="{Link.With(request.At("/reports"), ("days", span.ToString(CultureInfo.InvariantCulture)), ("client", client?.ToString("D")))}"{(span == days ? (Markup)$""" aria-current="true" """ : Markup.None)}>{span} days</a></li>""")}</ul></nav>
            {Markup.If(client is not null, () => $"""<p>Only of <a href="{request.At($"/clients/{client!.Value:D}")}">one client</a>. <a href="{request.At("/reports")}">Of all clients</a></p>""")}
            <h2>Not scanned twice</h2>
            <ul class="cards">
            <li><span class="value">{Words.Bytes(byDay.Sum(static day => day.Bytes))}</span> <span class="name">not scanned</span></li>
            <li><span class="value">{Words.Number(byDay.Sum(static day => day.Contents))}</span> <span class="name">files skipped</span></li>
            <li><span class="value">{Words.Duration(byDay.Sum(static day => day.Milliseconds))}</span> <span class="name">scan time saved</span></li>
            </ul>
            {Chart.Days("Bytes not scanned by day", "Not scanned", [.. byDay.Select(static day => (day.Name, day.Bytes))], Words.Bytes)}
            {Chart.Days("Files skipped by day", "Files", [.. byDay.Select(static day => (day.Name, day.Contents))], Words.Number)}
            <h2>By exemption</h2>{Table("Savings by exemption", "Exemption", byExemption, static total => $"{total.Name}")}
            <h2>By base image</h2>{Table("Savings by base image", "Image", byImage, total => $"""<a href="{Link.With(request.At("/clients"), ("q", QueryTerms.Write("image", total.Name)))}">{total.Name}</a>""")}
            <h2>By client</h2>{Table("Savings by client, the most bytes first", "Client", byClient, total => $"""<a href="{request.At("/clients/" + total.Key)}">{total.Name}</a>""")}
            <h2>Threats</h2>
            {Threats(request, threats)}
            """).ConfigureAwait(false);
    }

    private static Markup Table(string caption, string what, IReadOnlyList<SavingTotal> totals, Func<SavingTotal, Markup> name)
    {
        long most = totals.Select(static total => total.Bytes).DefaultIfEmpty().Max();
        return totals.Count == 0
            ? $"""<p class="empty">Nothing was saved in these days.</p>"""
            : (Markup)$"""
              <div class="scroll" role="region" aria-label="{caption}" tabindex="0"><table><caption class="away">{caption}</caption><thead><tr>
              <th scope="col">{what}</th><th scope="col" class="number">Not scanned</th><td class="bars"></td><th scope="col" class="number">Files</th><th scope="col" class="number">Time</th></tr></thead><tbody>
              {Markup.Each(totals, total => $"""<tr><th scope="row">{name(total)}</th><td class="number">{Words.Bytes(total.Bytes)}</td><td class="bars">{Chart.Bar(total.Bytes, most)}</td><td class="number">{Words.Number(total.Contents)}</td><td class="number">{Words.Duration(total.Milliseconds)}</td></tr>""")}
              </tbody></table></div>
              """;
    }

    private static Markup Threats(ConsoleRequest request, IReadOnlyList<NameCount> threats)
    {
        long most = threats.Select(static threat => threat.Count).DefaultIfEmpty().Max();
        return threats.Count == 0
            ? $"""<p class="empty">Nothing was found in these days.</p>"""
            : (Markup)$"""
              <div class="scroll" role="region" aria-label="Threats" tabindex="0"><table><caption class="away">Threats, the most frequent first</caption><thead><tr><th scope="col">Threat</th><th scope="col" class="number">Found</th><td class="bars"></td></tr></thead><tbody>
              {Markup.Each(threats, threat => $"""<tr><th scope="row"><a href="{Link.With(request.At("/detections"), ("threat", threat.Name))}">{threat.Name}</a></th><td class="number">{Words.Number(threat.Count)}</td><td class="bars">{Chart.Bar(threat.Count, most)}</td></tr>""")}
              </tbody></table></div>
              """;
    }
}
