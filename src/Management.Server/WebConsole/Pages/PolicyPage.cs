using System.Globalization;
using System.Text;
using System.Text.Json;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>A group: its policy, as fields and as the document, and how it came to be.</summary>
internal static class PolicyPage
{
    /// <summary>The longest form with a policy. Longer documents, of many thousand recalls, are set by the API.</summary>
    public const int MaxForm = 4 << 20;

    private const int MaxShown = 1 << 20;

    public static Task ShowAsync(ConsoleRequest request) => ShowAsync(request, request.Done);

    public static Task ShowAsync(ConsoleRequest request, Notice? notice) => ShowAsync(request, notice, null, null, null);

    public static Task SetAsync(ConsoleRequest request)
    {
        PolicyForm form = PolicyForm.Sent(request);
        return request.DoAsync(
            async () =>
            {
                int id = request.RouteNumber("id");
                PolicyDocument begun = (await BeginAsync(request, id).ConfigureAwait(false)).Policy;
                await request.Get<PolicyStore>().SetAsync(id, form.Apply(begun), request.Form("comment"), request.Actor, request.Number("expectedNumber"), request.Stop).ConfigureAwait(false);
                return Link.With(request.At(GroupsPage.Of(id)), ("done", "policy-set"));
            },
            notice => ShowAsync(request, notice, form, null, request.Form("expectedNumber")));
    }

    public static Task SetDocumentAsync(ConsoleRequest request)
    {
        string text = request.Form("document");
        return request.DoAsync(
            async () =>
            {
                int id = request.RouteNumber("id");
                PolicyDocument policy;
                try
                {
                    policy = PolicyDocument.Parse(Encoding.UTF8.GetBytes(text));
                }
                catch (JsonException e)
                {
                    throw ManagementException.Invalid(e.Message);
                }

                await request.Get<PolicyStore>().SetAsync(id, policy, request.Form("comment"), request.Actor, request.Number("expectedNumber"), request.Stop).ConfigureAwait(false);
                return Link.With(request.At(GroupsPage.Of(id)), ("done", "policy-set"));
            },
            notice => ShowAsync(request, new Notice("document: " + notice.Text, true, "document"), null, text, request.Form("expectedNumber")));
    }

    public static Task InheritAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            int id = request.RouteNumber("id");
            await request.Get<PolicyStore>().SetAsync(id, null, request.Form("comment"), request.Actor, request.Number("expectedNumber"), request.Stop).ConfigureAwait(false);
            return Link.With(request.At(GroupsPage.Of(id)), ("done", "policy-inherited"));
        },
        notice => ShowAsync(request, notice));

    public static Task RestoreAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            int id = request.RouteNumber("id");
            await request.Get<PolicyStore>().RestoreAsync(id, request.Number("number"), request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At(GroupsPage.Of(id)), ("done", "policy-restored"));
        },
        notice => ShowAsync(request, notice));

    /// <summary>What a change begins with: the policy in force as it was set, without the recalls that every client is told besides.</summary>
    private static async Task<(EffectivePolicy Effective, PolicyDocument Policy)> BeginAsync(ConsoleRequest request, int id)
    {
        PolicyStore policies = request.Get<PolicyStore>();
        EffectivePolicy effective = await policies.EffectiveAsync(id, request.Stop).ConfigureAwait(false);
        PolicyDocument? set = effective.FromGroupId is { } from
            ? (await policies.HistoryAsync(from, 1, request.Stop).ConfigureAwait(false)).Select(static version => version.Policy).FirstOrDefault()
            : null;
        return (effective, set ?? new PolicyDocument());
    }

    private static async Task ShowAsync(ConsoleRequest request, Notice? notice, PolicyForm? form, string? document, string? expected)
    {
        int id = request.RouteNumber("id");
        IReadOnlyList<ClientGroup> groups = await request.Get<GroupTree>().ListAsync(request.Stop).ConfigureAwait(false);
        ClientGroup group = groups.FirstOrDefault(g => g.Id == id) ?? throw ManagementException.NotFound("group");
        (EffectivePolicy effective, PolicyDocument policy) = await BeginAsync(request, id).ConfigureAwait(false);
        IReadOnlyList<PolicyVersion> history = await request.Get<PolicyStore>().HistoryAsync(id, 50, request.Stop).ConfigureAwait(false);
        string newest = expected is { Length: > 0 } ? expected : (history.Count == 0 ? 0 : history[0].Number).ToString(CultureInfo.InvariantCulture);
        await request.PageAsync(
            group.ParentId is null ? "All clients" : group.Name,
            $"""
            <nav class="crumbs" aria-label="Groups above"><ol><li><a href="{request.At("/groups")}">Groups and policies</a></li>
            {Markup.Each(Above(groups, group), above => $"""<li><a href="{request.At(GroupsPage.Of(above.Id))}">{(above.ParentId is null ? "All clients" : above.Name)}</a></li>""")}
            <li aria-current="page">{(group.ParentId is null ? "All clients" : group.Name)}</li></ol></nav>
            {notice?.Show(hasField: request.MayOperate)}
            <p>{Source(request, groups, group, effective)}
            <a href="{Link.With(request.At("/clients"), ("q", group.ParentId is null ? null : QueryTerms.Write("group", group.Path)))}">Its clients</a></p>
            {(request.MayOperate ? Edit(request, group, effective, policy, form, document, newest, notice) : Look(policy))}
            <h2>History</h2>
            {History(request, group, history)}
            {Markup.If(request.MayOperate && group.ParentId is not null, () => GroupActs(request, group))}
            """,
            request.StatusAfter(notice)).ConfigureAwait(false);
    }

    private static List<ClientGroup> Above(IReadOnlyList<ClientGroup> groups, ClientGroup group)
    {
        List<ClientGroup> above = [];
        for (ClientGroup? next = group; next?.ParentId is { } parent;)
        {
            next = groups.FirstOrDefault(g => g.Id == parent);
            if (next is not null)
            {
                above.Insert(0, next);
            }
        }

        return above;
    }

    private static Markup Source(ConsoleRequest request, IReadOnlyList<ClientGroup> groups, ClientGroup group, EffectivePolicy effective) => effective.FromGroupId switch
    {
        null => $"""No group up to the top has a policy: everything has its default. What is set here makes a policy of this group's own.""",
        int from when from == group.Id => $"""The group has a policy of its own: version {effective.Number ?? 0}.""",
        int from => (Markup)$"""The group follows the policy of <a href="{request.At(GroupsPage.Of(from))}">{groups.FirstOrDefault(g => g.Id == from)?.Path}</a>. What is set here makes a policy of its own.""",
    };

    private static Markup Edit(
        ConsoleRequest request, ClientGroup group, EffectivePolicy effective, PolicyDocument policy, PolicyForm? form, string? document, string newest, Notice? notice)
    {
        string at = request.At(GroupsPage.Of(group.Id)) + "/policy";
        byte[] json = policy.ToJson();
        Markup expected = $"""<input type="hidden" name="expectedNumber" value="{newest}">""";
        Notice? ofForm = document is null ? notice : null;
        return
            $"""
            {request.FormOf(
                at,
                $"""
                <h2>Policy</h2>{expected}
                {(form ?? PolicyForm.Of(policy)).Show(ofForm)}
                {new Field("comment", "Why is it changed?", ofForm).Text(form is null ? null : request.Form("comment"), most: 500)}
                <p class="buttons"><button type="submit">Set the policy</button></p>
                """,
                "card policy")}
            <details class="card"{Field.Flag("open", document is not null)}><summary><h2>The whole document</h2></summary>
            {(json.Length > MaxShown
                ? (Markup)$"""<p>The document has {Words.Bytes(json.Length)}, more than a page shows; read and set it by the API.</p>"""
                : request.FormOf(
                    at + "/document",
                    $"""
                    {expected}{new Field("document", "Policy as JSON", notice, "Members that are left out have their defaults; unknown ones are refused.").Area(document ?? Encoding.UTF8.GetString(json), 24, isCode: true)}
                    {new Field("comment", "Why is it changed?", prefix: "document").Text(document is null ? null : request.Form("comment"), most: 500)}
                    <p class="buttons"><button type="submit">Set the document</button></p>
                    """))}
            </details>
            {Markup.If(effective.FromGroupId == group.Id && group.ParentId is not null, () => request.FormOf(
                at + "/inherit",
                $"""
                <h2>Follow the group above</h2><p>The policies of this group stay in its history.</p>{expected}
                {new Field("comment", "Why?", prefix: "inherit").Text(null, most: 500)}
                <p class="buttons"><button class="plain" type="submit">Follow the group above</button></p>
                """,
                "card row"))}
            """;
    }

    private static Markup Look(PolicyDocument policy) =>
        $"""
        <h2>Policy</h2><div class="scroll" role="region" aria-label="Policy as JSON" tabindex="0"><pre class="card">{Encoding.UTF8.GetString(policy.ToJson())}</pre></div>
        """;

    private static Markup History(ConsoleRequest request, ClientGroup group, IReadOnlyList<PolicyVersion> history) => history.Count == 0
        ? $"""<p class="empty">The group never had a policy of its own.</p>"""
        : (Markup)$"""
          <div class="scroll" role="region" aria-label="History" tabindex="0"><table><caption class="away">Versions of the group's own policy, the newest first</caption><thead><tr>
          <th scope="col">Version</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">Why</th><th scope="col">Policy</th>{Markup.If(request.MayOperate, static () => $"""<th scope="col">Roll back</th>""")}</tr></thead><tbody>
          {Markup.Each(history.Index(), version => Version(request, group, version.Item, version.Index == 0))}
          </tbody></table></div>
          """;

    private static Markup Version(ConsoleRequest request, ClientGroup group, PolicyVersion version, bool isNewest)
    {
        string number = version.Number.ToString(CultureInfo.InvariantCulture);
        return
            $"""
            <tr><th scope="row">{number}{Markup.If(isNewest, static () => $""" <span class="badge good">in force</span>""")}</th><td class="still">{Words.Time(version.Created)}</td><td>{version.Author}</td><td>{version.Comment}</td>
            <td>{(version.Policy is { } policy ? $"""<details><summary>{(policy.Name.Length > 0 ? policy.Name : "Document")}<span class="away"> of version {number}</span></summary><pre>{Document(policy)}</pre></details>""" : (Markup)$"""<span class="quiet">follows the group above</span>""")}</td>
            {Markup.If(request.MayOperate, () => $"""<td>{Markup.If(!isNewest, () => request.Button(request.At(GroupsPage.Of(group.Id)) + "/policy/restore", "Bring back", "version " + number, hidden: [("number", number)]))}</td>""")}</tr>
            """;
    }

    private static string Document(PolicyDocument policy)
    {
        string json = Encoding.UTF8.GetString(policy.ToJson());
        return json.Length <= 20_000 ? json : string.Concat(json.AsSpan(0, 20_000), "\n…");
    }

    private static Markup GroupActs(ConsoleRequest request, ClientGroup group) =>
        $"""
        <h2>The group</h2><div class="columns pair">
        {request.FormOf(
            request.At(GroupsPage.Of(group.Id)) + "/rename",
            $"""{new Field("name", "Name of the group", prefix: "group").Text(group.Name, isRequired: true, most: 64)}<p class="buttons"><button type="submit">Rename the group</button></p>""",
            "card")}
        {request.FormOf(
            request.At(GroupsPage.Of(group.Id)) + "/delete",
            $"""<p>Only a group that holds neither groups nor clients is deleted; its policies and tokens go with it.</p><p class="buttons"><button class="danger" type="submit">Delete the group</button></p>""",
            "card")}
        </div>
        """;
}
