using System.Globalization;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>The tree of groups, and which policy each follows.</summary>
internal static class GroupsPage
{
    public static Task ShowAsync(ConsoleRequest request) => ShowAsync(request, request.Done);

    public static Task AddAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            await request.Get<GroupTree>().AddAsync(request.Number("parentId"), request.Form("name"), request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At("/groups"), ("done", "group-added"));
        },
        notice => ShowAsync(request, notice));

    public static Task RenameAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            int id = request.RouteNumber("id");
            await request.Get<GroupTree>().RenameAsync(id, request.Form("name"), request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At(Of(id)), ("done", "group-renamed"));
        },
        notice => PolicyPage.ShowAsync(request, notice));

    public static Task DeleteAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            await request.Get<GroupTree>().DeleteAsync(request.RouteNumber("id"), request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At("/groups"), ("done", "group-deleted"));
        },
        notice => PolicyPage.ShowAsync(request, notice));

    public static string Of(int id) => "/groups/" + id.ToString(CultureInfo.InvariantCulture);

    private static async Task ShowAsync(ConsoleRequest request, Notice? notice)
    {
        IReadOnlyList<ClientGroup> groups = await request.Get<GroupTree>().ListAsync(request.Stop).ConfigureAwait(false);
        IReadOnlyList<Facet> counts = await request.Get<ClientSearch>().CountAsync(null, ["group"], request.Stop).ConfigureAwait(false);
        Dictionary<string, long> clients = counts[0].Values.ToDictionary(static value => value.Name, static value => value.Count);
        PolicyStore policies = request.Get<PolicyStore>();
        List<(ClientGroup Group, EffectivePolicy Policy)> rows = [];
        foreach (ClientGroup group in groups)
        {
            rows.Add((group, await policies.EffectiveAsync(group.Id, request.Stop).ConfigureAwait(false)));
        }

        Dictionary<int, string> paths = groups.ToDictionary(static group => group.Id, static group => group.Path);
        await request.PageAsync(
            "Groups and policies",
            $"""
            {notice?.Show(hasField: true)}
            <p>A group without a policy of its own follows the group above.</p>
            <div class="scroll" role="region" aria-label="Groups" tabindex="0"><table class="tree"><caption class="away">Groups, with the policy that each follows</caption><thead><tr>
            <th scope="col">Group</th><th scope="col" class="number">Clients</th><th scope="col">Policy</th><th scope="col">Auto-Protect skips sealed files</th><th scope="col">Scans skip sealed files</th><th scope="col">Insight cache</th></tr></thead><tbody>
            {Markup.Each(rows, row => Row(request, row.Group, row.Policy, clients, paths))}
            </tbody></table></div>
            {Markup.If(request.MayOperate, () => request.FormOf(
                request.At("/groups"),
                $"""
                <h2>New group</h2>
                {new Field("parentId", "Below").Choice(groups.Select(static g => (g.Id.ToString(CultureInfo.InvariantCulture), g.Path)), "1")}
                {new Field("name", "Name", notice).Text(notice is { IsError: true } ? request.Form("name") : null, isRequired: true, most: 64)}
                <p class="buttons"><button type="submit">Make the group</button></p>
                """,
                "card row"))}
            """,
            request.StatusAfter(notice)).ConfigureAwait(false);
    }

    private static Markup Row(ConsoleRequest request, ClientGroup group, EffectivePolicy effective, Dictionary<string, long> clients, Dictionary<int, string> paths)
    {
        int depth = group.ParentId is null ? 0 : Math.Min(8, group.Path.Count(static c => c == '/'));
        Scanning.Core.ScanPolicy scan = effective.Policy.Scan;
        return
            $"""
            <tr><th scope="row"><span class="depth-{depth}"><a href="{request.At(Of(group.Id))}">{(group.ParentId is null ? "All clients" : group.Name)}</a></span></th>
            <td class="number"><a href="{Link.With(request.At("/clients"), ("q", group.ParentId is null ? null : QueryTerms.Write("group", group.Path)))}">{Words.Number(clients.GetValueOrDefault(group.Path))}<span class="away"> in {group.Path}</span></a></td>
            <td>{Source(group, effective, paths)}</td>
            <td>{OnOff(scan.VirtualImages.AutoProtect)}</td><td>{OnOff(scan.VirtualImages.OnDemand)}</td><td>{(scan.InsightCache.Enabled ? (Markup)$"{scan.InsightCache.Address?.ToString()}" : OnOff(false))}</td></tr>
            """;
    }

    private static Markup Source(ClientGroup group, EffectivePolicy effective, Dictionary<int, string> paths) => effective.FromGroupId switch
    {
        null => $"""<span class="quiet">none: defaults</span>""",
        int from when from == group.Id => $"""<span class="badge good">own</span> {effective.Policy.Name} <span class="quiet">version {effective.Number ?? 0}</span>""",
        int from => (Markup)$"""<span class="quiet">from {paths.GetValueOrDefault(from, "/")}</span> {effective.Policy.Name}""",
    };

    private static Markup OnOff(bool isOn) => isOn ? $"""<span class="badge good">on</span>""" : (Markup)$"""<span class="quiet">off</span>""";
}
