namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>Pictures of numbers, as SVG without script or style; the numbers themselves stand in a table next to them.</summary>
internal static class Chart
{
    private const double Width = 720;
    private const double Height = 150;

    /// <summary>A bar of a list; its number is written beside it.</summary>
    public static Markup Bar(long value, long most)
        => $"""<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="rail" width="100" height="4"/><rect width="{(most <= 0 ? 0 : Math.Min(100.0, Math.Max(value > 0 ? 1 : 0, 100.0 * value / most)))}" height="4"/></svg>""";

    /// <summary>Columns over days, with a table of the same numbers to open.</summary>
    public static Markup Days(string title, string unit, IReadOnlyList<(string Day, long Value)> days, Func<long, string> write)
    {
        long most = days.Select(static day => day.Value).DefaultIfEmpty().Max();
        long sum = days.Sum(static day => day.Value);
        double step = Width / Math.Max(1, days.Count);
        double thick = Math.Max(1, step - Math.Min(4, step * 0.25));
        return
            $"""
            <figure class="chart">
            <figcaption>{title}<span class="quiet"> at most {write(most)} a day</span></figcaption>
            <svg viewBox="0 0 720 150" role="img" aria-label="{title}: {write(sum)} in {days.Count} days">
            <line x1="0" y1="149.5" x2="720" y2="149.5"/>
            {Markup.Each(days.Index(), day => Column(day.Index * step, thick, most == 0 ? 0 : (Height - 8) * day.Item.Value / most, $"{day.Item.Day}: {write(day.Item.Value)}"))}
            </svg>
            <div class="ends" aria-hidden="true"><span>{(days.Count == 0 ? "" : days[0].Day)}</span><span>{(days.Count == 0 ? "" : days[^1].Day)}</span></div>
            <details><summary>{title} as a table</summary>
            <div class="scroll" role="region" aria-label="{title}, numbers" tabindex="0"><table><caption class="away">{title}</caption><thead><tr><th scope="col">Day</th><th scope="col" class="number">{unit}</th></tr></thead><tbody>
            {Markup.Each(days.Reverse(), day => $"""<tr><th scope="row">{day.Day}</th><td class="number">{write(day.Value)}</td></tr>""")}
            </tbody></table></div></details>
            </figure>
            """;
    }

    private static Markup Column(double at, double thick, double tall, string title)
    {
        double height = tall > 0 ? Math.Max(2, tall) : 0;
        return $"""<g><title>{title}</title><rect class="day" x="{at}" y="0" width="{thick}" height="150"/><rect x="{at}" y="{Height - 1 - height}" width="{thick}" height="{height}" rx="1.5"/></g>""";
    }
}
