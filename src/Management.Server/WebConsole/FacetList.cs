namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>How many clients have which answer on an axis; each answer leads to its clients.</summary>
internal static class FacetList
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["machine"] = "Machine",
        ["family"] = "Hypervisor family",
        ["product"] = "Hypervisor",
        ["role"] = "Role",
        ["cloud"] = "Cloud",
        ["container"] = "Container",
        ["orchestrator"] = "Orchestrator",
        ["confidential"] = "Confidential",
        ["broker"] = "Desktop broker",
        ["pool"] = "Desktop pool",
        ["made"] = "Made as",
        ["persistent"] = "Persistent",
        ["definitions"] = "Definitions",
        ["agent"] = "Agent",
        ["standing"] = "Standing",
        ["group"] = "Group",
    };

    public static string NameOf(string axis) => Names.GetValueOrDefault(axis, axis);

    /// <summary>Shows an axis. An answer that the query asks for already is marked.</summary>
    public static Markup Show(ConsoleRequest request, string title, Facet facet, string query, int most)
    {
        long greatest = facet.Values.Select(static value => value.Count).DefaultIfEmpty().Max();
        return
            $"""
            <section class="facet" aria-labelledby="facet-{facet.Axis}"><h3 id="facet-{facet.Axis}">{title}</h3>
            {(facet.Values.Count == 0 ? (Markup)$"""<p class="quiet">No clients.</p>""" : $"""<ul>{Markup.Each(facet.Values.Take(most), value => Entry(request, facet.Axis, value, query, greatest))}</ul>""")}
            {Markup.If(facet.Values.Count > most, () => $"""<p class="quiet">and {facet.Values.Count - most} more</p>""")}
            </section>
            """;
    }

    private static Markup Entry(ConsoleRequest request, string axis, NameCount value, string query, long greatest)
    {
        string term = QueryTerms.Write(axis, value.Name);
        string next = QueryTerms.With(query, term);
        return
            $"""
            <li><a href="{Link.With(request.At("/clients"), ("q", next))}"{(next == query && query.Length > 0 ? (Markup)$""" aria-current="true" """ : Markup.None)}><span class="name">{(value.Name.Length == 0 ? "none" : value.Name)}</span> <span class="count">{Words.Number(value.Count)}</span>{Chart.Bar(value.Count, greatest)}</a></li>
            """;
    }
}
