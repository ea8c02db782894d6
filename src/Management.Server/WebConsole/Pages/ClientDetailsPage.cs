using System.Globalization;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Server.WebConsole.Pages;

/// <summary>Everything that is known of a client.</summary>
internal static class ClientDetailsPage
{
    public static Task ShowAsync(ConsoleRequest request) => ShowAsync(request, request.Done);

    public static Task MoveAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            Guid id = request.RouteId("id");
            await request.Get<ClientRegistry>().MoveAsync([id], request.Number("groupId"), request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At($"/clients/{id:D}"), ("done", "moved"));
        },
        notice => ShowAsync(request, notice));

    public static Task DeleteAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            if (!request.IsOn("sure"))
            {
                throw ManagementException.Invalid("sure: say that you are sure.");
            }

            await request.Get<ClientRegistry>().DeleteAsync([request.RouteId("id")], request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At("/clients"), ("done", "deleted"));
        },
        notice => ShowAsync(request, notice));

    public static Task ClearStandingAsync(ConsoleRequest request) => request.DoAsync(
        async () =>
        {
            Guid id = request.RouteId("id");
            await request.Get<ClientRegistry>().ClearStandingAsync(id, request.Actor, request.Stop).ConfigureAwait(false);
            return Link.With(request.At($"/clients/{id:D}"), ("done", "cleared"));
        },
        notice => ShowAsync(request, notice));

    private static async Task ShowAsync(ConsoleRequest request, Notice? notice)
    {
        Guid id = request.RouteId("id");
        ClientDetails client = await request.Get<ClientRegistry>().GetAsync(id, request.Stop).ConfigureAwait(false);
        IReadOnlyList<ClientGroup> groups = await request.Get<GroupTree>().ListAsync(request.Stop).ConfigureAwait(false);
        ClientGroup? group = groups.FirstOrDefault(g => g.Path == client.Summary.Group);
        IReadOnlyList<ScanEntry> scans = await request.Get<ResultStore>().ScansAsync(id, null, 10, request.Stop).ConfigureAwait(false);
        IReadOnlyList<DetectionEntry> detections = await request.Get<ResultStore>().DetectionsAsync(new DetectionFilter { ClientId = id, Count = 10 }, request.Stop).ConfigureAwait(false);
        await request.PageAsync(
            client.Summary.Name,
            $"""
            {notice?.Show(hasField: true)}
            {Standing(request, client)}
            <div class="columns pair">
            {Heartbeat(request, client)}
            {PolicyOf(request, client, group)}
            </div>
            <h2>What the machine is</h2>
            {TagOf(client.TagReport)}
            {Properties(client)}
            <h2>Seals in use</h2>
            {Images(request, client)}
            <h2>Scans</h2>
            {Scans(scans)}
            <h2>Detections</h2>
            {DetectionsPage.Table(request, "Detections of this client", detections, withClient: false)}
            {Markup.If(detections.Count == 10, () => $"""<p><a href="{Link.With(request.At("/detections"), ("client", id.ToString("D")))}">All detections of this client</a></p>""")}
            <h2>The same hardware</h2>
            {(client.Related.Count == 0 ? (Markup)$"""<p class="empty">No other client has its hardware identity.</p>""" : ClientsPage.Table(request, "Clients with the same hardware identity", client.Related))}
            {Markup.If(request.MayOperate, () => Acts(request, client, groups, group, notice))}
            """,
            request.StatusAfter(notice)).ConfigureAwait(false);
    }

    private static Markup Standing(ConsoleRequest request, ClientDetails client)
    {
        string? meaning = client.Summary.Standing switch
        {
            ClientStanding.Clone => "It has the hardware identity of another client and another generation: one was cloned from the other.",
            ClientStanding.Superseded => "The same machine has enrolled again: this entry is a ghost, and is forgotten soon.",
            ClientStanding.GenerationChanged => "Its generation has changed since it enrolled: it was cloned with its credentials, or taken back to a snapshot.",
            ClientStanding.SharedCredentials => "Two machines take turns with the same credentials: it was cloned after it had enrolled. Enrol both anew.",
            _ => null,
        };
        return meaning is null
            ? Markup.None
            : $"""
              <div class="notice warn"><p><strong>{ClientsPage.StandingOf(client.Summary.Standing)}:</strong> {meaning}
              {(client.Summary.RelatedTo is { } other ? $"""<a href="{request.At($"/clients/{other:D}")}">The other one</a>""" : Markup.None)}</p>
              {Markup.If(request.MayOperate, () => request.Button(request.At($"/clients/{client.Summary.Id:D}/clear-standing"), "Take the flag away"))}</div>
              """;
    }

    private static Markup Heartbeat(ConsoleRequest request, ClientDetails client)
    {
        ClientSummary c = client.Summary;
        return
            $"""
            <section class="card" aria-labelledby="heartbeat"><h2 id="heartbeat">Heartbeat</h2><dl>
            <div><dt>Last heard of</dt><dd>{Words.Time(c.LastSeen, request.Now)} <span class="quiet">({Words.Moment(c.LastSeen)} UTC)</span></dd></div>
            <div><dt>State</dt><dd>{Words.Plain(c.State)}{Markup.If(c.StateDetail.Length > 0, () => $": {c.StateDetail}")}</dd></div>
            <div><dt>Agent</dt><dd>{c.AgentVersion}</dd></div>
            <div><dt>Engine and definitions</dt><dd>{(c.Engine.Length == 0 ? "not told yet" : $"{c.Engine} {c.Definitions}")}{Markup.If(c.DefinitionsPublished is not null, () => $""" <span class="quiet">of {Words.Time(c.DefinitionsPublished)}</span>""")}</dd></div>
            <div><dt>Enrolled</dt><dd>{Words.Time(c.Enrolled)}</dd></div>
            <div><dt>Forgotten unless heard of</dt><dd>{Words.Time(c.Expires)}</dd></div>
            <div><dt>Identifier</dt><dd><code>{c.Id}</code></dd></div>
            <div><dt>Hardware</dt><dd><code>{client.HardwareId}</code></dd></div>
            <div><dt>Generation</dt><dd>{(client.GenerationId is { } generation ? (Markup)$"<code>{generation}</code>" : $"""<span class="quiet">the hypervisor tells none</span>""")}</dd></div>
            </dl></section>
            """;
    }

    private static Markup PolicyOf(ConsoleRequest request, ClientDetails client, ClientGroup? group)
    {
        bool isCurrent = client.Summary.PolicyTag == client.CurrentPolicyTag;
        return
            $"""
            <section class="card" aria-labelledby="policy"><h2 id="policy">Policy in force</h2><dl>
            <div><dt>Group</dt><dd>{(group is null ? (Markup)$"{client.Summary.Group}" : $"""<a href="{request.At($"/groups/{group.Id.ToString(CultureInfo.InvariantCulture)}")}">{group.Path}</a>""")}</dd></div>
            <div><dt>It follows</dt><dd><span class="badge {(isCurrent ? "good" : "warn")}">{(isCurrent ? "the current policy" : client.Summary.PolicyTag.Length == 0 ? "no policy yet" : "an earlier policy")}</span></dd></div>
            <div><dt>Its tag</dt><dd><code>{(client.Summary.PolicyTag.Length == 0 ? "none" : client.Summary.PolicyTag)}</code></dd></div>
            <div><dt>The group's tag</dt><dd><code>{client.CurrentPolicyTag}</code></dd></div>
            </dl></section>
            """;
    }

    private static Markup TagOf(TagReport? report)
    {
        if (report is null)
        {
            return $"""<p class="empty">The client has not told yet.</p>""";
        }

        VirtualizationTag tag = report.Tag;
        return
            $"""
            <div class="card"><dl class="axes">
            {Axis("Machine", Words.Choice(tag.Machine))}
            {Axis("Hypervisor", tag.Hypervisor is { } h ? Join(h.Name, h.Version) : null)}
            {Axis("Product and family", tag.Hypervisor is { } p ? Join(p.Product, p.Family) : null)}
            {Axis("Vendor", tag.Hypervisor?.Vendor)}
            {Axis("Interface and mode", tag.Hypervisor is { } i ? Join(i.Interface, i.Mode) : null)}
            {Axis("Role", Words.Choice(tag.Role))}
            {Axis("Cloud", tag.Cloud is { } cloud ? Join(cloud.Name, cloud.Platform, cloud.InstanceType) : null)}
            {Axis("Container", tag.Container is { } container ? Join(container.Runtime, container.Orchestrator) : null)}
            {Axis("Confidential", tag.Confidential is { } confidential ? Join(Words.Choice(confidential.Technology), confidential.Paravisor ? "with a paravisor" : null) : null)}
            {Axis("Desktop broker", tag.Desktop is { } desktop ? Join(desktop.Broker, desktop.PoolName, desktop.BrokerAddress) : null)}
            {Axis("Desktop", tag.Desktop is { } made ? Join("pool " + Words.Choice(made.Pool), "made by " + Words.Choice(made.MadeAs)) : null)}
            {Axis("Keeps changes over a restart", report.NonPersistent is { } forgets ? forgets ? "no" : "yes" : "not known")}
            {Axis("Generation identifier", tag.HasGenerationId ? "yes" : "no")}
            {Axis("Layers", tag.Chain.Count == 0 ? null : string.Join(" › ", tag.Chain.Select(static link => link.Layer)))}
            </dl>
            <p class="quiet">Looked at on {Words.Time(report.Time)} UTC, {Words.Plain(report.Reason)}.</p></div>
            <h3>Evidence</h3>
            {(tag.Evidence.Count == 0 ? (Markup)$"""<p class="empty">The report brought no evidence.</p>""" : Evidence(tag))}
            {Markup.If(tag.Unread.Count > 0, () => Unread(tag))}
            """;
    }

    /// <summary>The tag is kept as the client wrote it, and what does not print is shown by its code here.</summary>
    private static string Shown(string? text) => PrintableText.EscapeReceived(text ?? "");

    private static string Join(params ReadOnlySpan<string?> parts)
    {
        List<string> present = [];
        foreach (string? part in parts)
        {
            if (!string.IsNullOrEmpty(part))
            {
                present.Add(part);
            }
        }

        return string.Join(", ", present);
    }

    private static Markup Axis(string name, string? answer)
        => $"""<div><dt>{name}</dt><dd>{(string.IsNullOrEmpty(answer) ? (Markup)$"""<span class="quiet">none</span>""" : $"{Shown(answer)}")}</dd></div>""";

    private static Markup Evidence(VirtualizationTag tag) =>
        $"""
        <div class="scroll" role="region" aria-label="Evidence" tabindex="0"><table><caption class="away">What each answer stands on</caption>
        <thead><tr><th scope="col">Axis and answer</th><th scope="col">Speaks</th><th scope="col">Source</th><th scope="col">Says</th><th scope="col">Weight</th></tr></thead><tbody>
        {Markup.Each(tag.Evidence, static axis => $"""{Markup.Each(axis.For, finding => Finding(axis, finding, true))}{Markup.Each(axis.Against, finding => Finding(axis, finding, false))}""")}
        </tbody></table></div>
        """;

    private static Markup Finding(AxisEvidence axis, Finding finding, bool isFor) =>
        $"""
        <tr{(isFor ? Markup.None : (Markup)$""" class="against" """)}><th scope="row">{Words.Plain(axis.Axis)}: {Shown(axis.Answer)}</th>
        <td><span class="badge {(isFor ? "good" : "warn")}">{(isFor ? "for" : "against")}</span></td>
        <td>{Words.Plain(finding.Source)} <code>{Shown(finding.Key)} = {Shown(finding.Value)}</code></td><td>{Shown(finding.Says)}</td><td>{Words.Plain(finding.Weight)}</td></tr>
        """;

    private static Markup Unread(VirtualizationTag tag) =>
        $"""
        <h3>Could not be read</h3><ul>
        {Markup.Each(tag.Unread, static source => $"""<li>{Words.Plain(source.Source)} <code>{Shown(source.Key)}</code>: {Shown(source.Why)}{(source.Decides ? " (it might change the answer)" : "")}</li>""")}
        </ul>
        """;

    private static Markup Properties(ClientDetails client) => client.Properties.Count == 0
        ? Markup.None
        : $"""
          <h3>Properties of the host</h3><div class="card"><dl class="axes">
          {Markup.Each(client.Properties, static property => $"""<div><dt>{property.Key}</dt><dd>{property.Value}</dd></div>""")}
          </dl></div>
          """;

    private static Markup Images(ConsoleRequest request, ClientDetails client) => client.Images.Count == 0
        ? $"""<p class="empty">It has no sealed base image in use.</p>"""
        : (Markup)$"""
          <ul class="lines">
          {Markup.Each(client.Images, image => $"""<li><a href="{Link.With(request.At("/clients"), ("q", QueryTerms.Write("image", image.ImageId)))}">{image.ImageId}</a> <span class="quiet">seal</span> <a href="{Link.With(request.At("/clients"), ("q", "seal:" + image.SealId.ToString("D")))}"><code>{image.SealId}</code></a></li>""")}
          </ul>
          """;

    private static Markup Scans(IReadOnlyList<ScanEntry> scans) => scans.Count == 0
        ? $"""<p class="empty">It has reported no scan yet.</p>"""
        : (Markup)$"""
          <div class="scroll" role="region" aria-label="Scans" tabindex="0"><table><caption class="away">The last scans</caption><thead><tr>
          <th scope="col">Started</th><th scope="col">Why</th><th scope="col">What</th><th scope="col" class="number">Files</th><th scope="col" class="number">Skipped</th><th scope="col" class="number">Not read</th><th scope="col" class="number">Infected</th><th scope="col" class="number">Took</th><th scope="col">End</th></tr></thead><tbody>
          {Markup.Each(scans, static entry => ScanRow(entry.Scan))}
          </tbody></table></div>
          """;

    private static Markup ScanRow(Protocol.ScanDocument scan) =>
        $"""
        <tr><th scope="row" class="still">{Words.Time(scan.Started)}</th><td>{Words.Plain(scan.Trigger)}</td><td class="path">{scan.Target}</td><td class="number">{Words.Number(scan.Contents)}</td><td class="number">{Words.Number(scan.Skipped)}</td>
        <td class="number">{Words.Bytes(scan.BytesSaved)}</td><td class="number">{Words.Number(scan.Infected)}</td><td class="number">{Words.Duration(scan.Milliseconds)}</td>
        <td>{(scan.Cancelled ? "cancelled" : scan.Incomplete + scan.Failed + scan.Problems == 0 ? "complete" : $"{Words.Number(scan.Incomplete + scan.Failed + scan.Problems)} incomplete")}</td></tr>
        """;

    private static Markup Acts(ConsoleRequest request, ClientDetails client, IReadOnlyList<ClientGroup> groups, ClientGroup? group, Notice? notice)
    {
        string at = request.At($"/clients/{client.Summary.Id:D}");
        return
            $"""
            <h2>Change</h2><div class="columns pair">
            {request.FormOf(
                at + "/move",
                $"""
                <h3>Move</h3>{new Field("groupId", "Into the group", notice).Choice(groups.Select(static g => (g.Id.ToString(CultureInfo.InvariantCulture), g.Path)), group?.Id.ToString(CultureInfo.InvariantCulture))}
                <p class="buttons"><button type="submit">Move the client</button></p>
                """,
                "card")}
            {request.FormOf(
                at + "/delete",
                $"""
                <h3>Delete</h3><p>Its credentials count no longer; it has to enrol again. What it reported stays.</p>{new Field("sure", "I am sure", notice).Check(false)}
                <p class="buttons"><button class="danger" type="submit">Delete the client</button></p>
                """,
                "card")}
            </div>
            """;
    }
}
