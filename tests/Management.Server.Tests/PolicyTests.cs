using System.Net;
using System.Net.Http.Json;
using System.Text;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server.Tests;

/// <summary>Policies: versions, inheritance, tags.</summary>
public class PolicyTests
{
    public static TheoryData<DatabaseKind> Databases => LiveManager.Databases;

    private static readonly PolicyDocument Desktops = new(
        name: "Desktops", scan: new ScanPolicy(virtualImages: new VirtualImagesPolicy { OnDemand = true }), schedules: [new ScanSchedule("weekly", new TimeOnly(22, 0), days: [DayOfWeek.Sunday])], heartbeatSeconds: 300);

    [Theory, MemberData(nameof(Databases))]
    public async Task A_group_follows_the_one_above_until_it_has_a_policy_of_its_own_and_goes_back(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        PolicyStore policies = manager.Get<PolicyStore>();
        ClientGroup vdi = await manager.Get<GroupTree>().AddAsync(GroupTree.RootId, "VDI", LiveManager.Tester, LiveManager.Stop);
        EffectivePolicy none = await policies.EffectiveAsync(vdi.Id, LiveManager.Stop);

        await policies.SetAsync(GroupTree.RootId, new PolicyDocument(name: "All"), "first", LiveManager.Tester, cancellationToken: LiveManager.Stop);
        EffectivePolicy inherited = await policies.EffectiveAsync(vdi.Id, LiveManager.Stop);
        await policies.SetAsync(vdi.Id, Desktops, "own", LiveManager.Tester, cancellationToken: LiveManager.Stop);
        EffectivePolicy own = await policies.EffectiveAsync(vdi.Id, LiveManager.Stop);
        await policies.SetAsync(vdi.Id, Desktops with { HeartbeatSeconds = 60 }, "faster", LiveManager.Tester, expectedNumber: 1, cancellationToken: LiveManager.Stop);
        await policies.SetAsync(vdi.Id, null, "follow", LiveManager.Tester, cancellationToken: LiveManager.Stop);
        EffectivePolicy again = await policies.EffectiveAsync(vdi.Id, LiveManager.Stop);
        PolicyVersion restored = await policies.RestoreAsync(vdi.Id, 1, LiveManager.Tester, LiveManager.Stop);
        EffectivePolicy back = await policies.EffectiveAsync(vdi.Id, LiveManager.Stop);

        Assert.Equal((null, "Default"), (none.FromGroupId, none.Policy.Name));
        Assert.Equal((GroupTree.RootId, "All"), (inherited.FromGroupId, inherited.Policy.Name));
        Assert.Equal((vdi.Id, 1, Desktops), (own.FromGroupId, own.Number, own.Policy));
        Assert.Equal(inherited.Tag, again.Tag);
        Assert.Equal((4, (int?)1), (restored.Number, restored.RestoredFrom));
        Assert.Equal(own.Tag, back.Tag);
        IReadOnlyList<PolicyVersion> history = await policies.HistoryAsync(vdi.Id, cancellationToken: LiveManager.Stop);
        Assert.Equal([4, 3, 2, 1], history.Select(static version => version.Number));
        Assert.Null(history[1].Policy);
        Assert.Equal("tester", history[0].Author);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Nobodys_change_is_overwritten_unseen(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        PolicyStore policies = manager.Get<PolicyStore>();

        int[] outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            try
            {
                await policies.SetAsync(GroupTree.RootId, Desktops, "", LiveManager.Tester, expectedNumber: 0, cancellationToken: LiveManager.Stop);
                return 1;
            }
            catch (ManagementException e) when (e.Fault == ManagementFault.Conflict)
            {
                return 0;
            }
        }));

        Assert.Equal(1, outcomes.Sum());
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_client_fetches_its_policy_once_and_hears_of_another_by_its_heartbeat(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent agent = await manager.EnrolAsync();
        await manager.Get<PolicyStore>().SetAsync(GroupTree.RootId, Desktops, "", LiveManager.Tester, cancellationToken: LiveManager.Stop);

        using HttpResponseMessage first = await agent.PolicyAsync();
        string tag = first.Headers.ETag!.ToString();
        using HttpResponseMessage second = await agent.PolicyAsync(tag);
        HeartbeatResponse beat = await agent.BeatAsync();
        ContentHash bad = ContentHash.Compute("bad"u8);
        await manager.Get<RecallStore>().AddAsync(bad, "Eicar", LiveManager.Tester, LiveManager.Stop);
        HeartbeatResponse next = await agent.BeatAsync();
        using HttpResponseMessage third = await agent.PolicyAsync(tag);

        Assert.Equal(Desktops, PolicyDocument.Parse(await first.Content.ReadAsByteArrayAsync(LiveManager.Stop)));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal((tag, 300), (beat.PolicyTag, beat.NextSeconds));
        Assert.NotEqual(tag, next.PolicyTag);
        Assert.Equal([bad], PolicyDocument.Parse(await third.Content.ReadAsByteArrayAsync(LiveManager.Stop)).Scan.VirtualImages.RecalledContents);
    }

    [Theory]
    [InlineData("""{ "policy": { "scan": { "insightCache": { "enabled": true } } } }""", "scan.insightCache.address")]
    [InlineData("""{ "policy": { "heartbeatSeconds": 1 } }""", "heartbeatSeconds: 1 is not from 5 to 86,400")]
    [InlineData("""{ "policy": { "scan": { "virtualImages": { "autoprotect": true } } } }""", "autoprotect")]
    [InlineData("""{ "polcy": null }""", "polcy")]
    public async Task What_is_wrong_with_a_policy_is_named(string json, string message)
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        using HttpClient script = await manager.ScriptAsync(AdministratorRole.Operate);
        using StringContent content = new(json, Encoding.UTF8, "application/json");

        using HttpResponseMessage response = await script.PutAsync(new Uri("/api/v1/groups/1/policy", UriKind.Relative), content, LiveManager.Stop);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(message, (await response.Content.ReadFromJsonAsync(ManagementJson.Default.ProblemDocument, LiveManager.Stop))!.Detail, StringComparison.Ordinal);
    }
}
