using System.Net;
using System.Net.Http.Json;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Server.Tests;

/// <summary>How clients come, live, are mistaken for each other and go.</summary>
public class ClientTests
{
    public static TheoryData<DatabaseKind> Databases => LiveManager.Databases;

    [Theory, MemberData(nameof(Databases))]
    public async Task A_token_makes_one_client_and_no_second(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        string token = await manager.TokenAsync();

        Agent agent = await manager.EnrolAsync("web-01", tag: Machines.Vmware(), token: token);
        using HttpResponseMessage again = await manager.TryEnrolAsync(token, "stolen");

        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        ClientPage page = await manager.Get<ClientSearch>().FindAsync(null, cancellationToken: LiveManager.Stop);
        ClientSummary client = Assert.Single(page.Clients);
        Assert.Equal((agent.Id, "web-01", "virtual", "vmware", "guest"), (client.Id, client.Name, client.Machine, client.Product, client.Role));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_token_counts_as_often_as_it_says_even_at_once(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        string token = await manager.TokenAsync(uses: 3);

        HttpStatusCode[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            using HttpResponseMessage response = await manager.TryEnrolAsync(token, $"web-{i}", $"hardware-{i:d4}");
            return response.StatusCode;
        }));

        Assert.Equal(3, answers.Count(static status => status == HttpStatusCode.OK));
        Assert.Equal(5, answers.Count(static status => status == HttpStatusCode.Unauthorized));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_token_that_expired_was_revoked_or_never_was_makes_no_client(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        NewEnrolmentToken revoked = await manager.Get<EnrolmentTokens>().AddAsync(new EnrolmentTokenRequest(), LiveManager.Tester, LiveManager.Stop);
        await manager.Get<EnrolmentTokens>().RevokeAsync(revoked.Document.Id, LiveManager.Tester, LiveManager.Stop);
        string expired = await manager.TokenAsync(hours: 1);
        manager.Time.Advance(TimeSpan.FromHours(1));

        foreach (string token in new[] { revoked.Token, expired, "enrol-that-never-was-made-here" })
        {
            using HttpResponseMessage response = await manager.TryEnrolAsync(token);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_heartbeat_is_taken_once_and_an_older_one_never(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent agent = await manager.EnrolAsync();
        HeartbeatRequest first = agent.Next() with { State = AgentState.Scanning };
        await agent.BeatAsync(first);
        manager.Time.Advance(TimeSpan.FromMinutes(1));
        HeartbeatRequest second = agent.Next() with { State = AgentState.Impaired };
        await agent.BeatAsync(second);
        manager.Time.Advance(TimeSpan.FromMinutes(1));

        await agent.BeatAsync(second);
        using HttpResponseMessage replayed = await agent.TryBeatAsync(first);

        Assert.Equal(HttpStatusCode.Conflict, replayed.StatusCode);
        ProblemDocument problem = (await replayed.Content.ReadFromJsonAsync(ManagementJson.Default.ProblemDocument, LiveManager.Stop))!;
        Assert.Equal((Routes.ReplayProblem, 2), (problem.Type, problem.Sequence));
        ClientDetails details = await manager.Get<ClientRegistry>().GetAsync(agent.Id, LiveManager.Stop);
        Assert.Equal((AgentState.Impaired, 2, manager.Time.GetUtcNow().AddMinutes(-1)), (details.Summary.State, details.Sequence, details.Summary.LastSeen));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Heartbeats_that_come_at_once_leave_the_greatest_number(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent agent = await manager.EnrolAsync();
        HeartbeatRequest[] requests = [.. Enumerable.Range(0, 20).Select(i => i % 3 == 0 ? agent.Next(Machines.Vmware()) : agent.Next())];

        HttpStatusCode[] answers = await Task.WhenAll(requests.Select(async request =>
        {
            using HttpResponseMessage response = await agent.TryBeatAsync(request);
            return response.StatusCode;
        }));

        Assert.All(answers, static status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Conflict, status.ToString()));
        Assert.Equal(20, (await manager.Get<ClientRegistry>().GetAsync(agent.Id, LiveManager.Stop)).Sequence);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_heartbeat_brings_the_tag_properties_and_images_and_leaves_what_it_does_not_name(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent agent = await manager.EnrolAsync();
        Guid seal = Guid.NewGuid();

        HeartbeatResponse asked = await agent.BeatAsync();
        HeartbeatResponse told = await agent.BeatAsync(agent.Next(Machines.Contradictory()) with
        {
            Properties = new Dictionary<string, string> { ["OS"] = "Windows 11" },
            Images = [new ImageInUse(seal, "win11-2026-11")],
            Definitions = new DefinitionsDocument { Engine = "built-in", Version = "27100", Sequence = 27100 },
        });
        await agent.BeatAsync();

        Assert.True(asked.TellAll);
        Assert.False(told.TellAll);
        ClientDetails details = await manager.Get<ClientRegistry>().GetAsync(agent.Id, LiveManager.Stop);
        Assert.True(details.Summary.Contradictory);
        AxisEvidence evidence = Assert.Single(details.TagReport!.Tag.Evidence);
        Assert.Equal("physical", Assert.Single(evidence.Against).Says);
        Assert.Equal("Windows 11", details.Properties["os"]);
        Assert.Equal(new ImageInUse(seal, "win11-2026-11"), Assert.Single(details.Images));
        Assert.Equal(("built-in", "27100"), (details.Summary.Engine, details.Summary.Definitions));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_clone_of_a_machine_is_flagged_and_linked_and_a_second_enrolment_makes_a_ghost(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent original = await manager.EnrolAsync("golden", generation: "generation-1");
        Agent clone = await manager.EnrolAsync("clone", generation: "generation-2");
        Agent again = await manager.EnrolAsync("golden", generation: "generation-1");

        ClientDetails first = await manager.Get<ClientRegistry>().GetAsync(original.Id, LiveManager.Stop);
        ClientDetails second = await manager.Get<ClientRegistry>().GetAsync(clone.Id, LiveManager.Stop);

        Assert.Equal((ClientStanding.Superseded, (Guid?)again.Id), (first.Summary.Standing, first.Summary.RelatedTo));
        Assert.Equal((ClientStanding.Clone, (Guid?)original.Id), (second.Summary.Standing, second.Summary.RelatedTo));
        Assert.Equal(2, second.Related.Count);
        Assert.Equal(manager.Time.GetUtcNow().AddDays(7), first.Summary.Expires);

        await manager.Get<ClientRegistry>().ClearStandingAsync(clone.Id, LiveManager.Tester, LiveManager.Stop);
        Assert.Equal(ClientStanding.Normal, (await manager.Get<ClientRegistry>().GetAsync(clone.Id, LiveManager.Stop)).Summary.Standing);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Nobody_has_a_living_client_forgotten_by_enrolling_with_its_identity(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent living = await manager.EnrolAsync("living");
        await manager.EnrolAsync("rogue");

        await living.BeatAsync();
        manager.Time.Advance(TimeSpan.FromDays(8));
        await manager.Get<Housekeeping>().RunAsync(LiveManager.Stop);

        Assert.Equal(ClientStanding.Clone, (await manager.Get<ClientRegistry>().GetAsync(living.Id, LiveManager.Stop)).Summary.Standing);
        await living.BeatAsync();
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Two_machines_that_share_credentials_are_told_from_one_that_was_taken_back(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent agent = await manager.EnrolAsync();
        MachineIdentity one = agent.Machine;
        MachineIdentity two = one with { GenerationId = "generation-2" };
        await agent.BeatAsync();

        agent.Machine = two;
        await agent.BeatAsync();
        ClientStanding moved = (await manager.Get<ClientRegistry>().GetAsync(agent.Id, LiveManager.Stop)).Summary.Standing;
        agent.Machine = one;
        await agent.BeatAsync();
        ClientStanding shared = (await manager.Get<ClientRegistry>().GetAsync(agent.Id, LiveManager.Stop)).Summary.Standing;

        Assert.Equal((ClientStanding.GenerationChanged, ClientStanding.SharedCredentials), (moved, shared));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Clients_that_keep_nothing_are_forgotten_on_a_schedule_of_their_own(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        await manager.EnrolAsync("desktop", "hardware-0001", tag: Machines.Vmware("horizon", persistent: false));
        await manager.EnrolAsync("server", "hardware-0002", tag: Machines.Vmware());
        await manager.EnrolAsync("kiosk", "hardware-0003", token: await manager.TokenAsync(lifetime: 600));

        manager.Time.Advance(TimeSpan.FromMinutes(11));
        await manager.Get<Housekeeping>().RunAsync(LiveManager.Stop);
        ClientPage afterMinutes = await manager.Get<ClientSearch>().FindAsync(null, cancellationToken: LiveManager.Stop);
        manager.Time.Advance(TimeSpan.FromDays(1));
        await manager.Get<Housekeeping>().RunAsync(LiveManager.Stop);
        ClientPage afterDay = await manager.Get<ClientSearch>().FindAsync(null, cancellationToken: LiveManager.Stop);

        Assert.Equal(["desktop", "server"], afterMinutes.Clients.Select(static client => client.Name));
        Assert.Equal(["server"], afterDay.Clients.Select(static client => client.Name));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_deleted_client_is_nobody(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent agent = await manager.EnrolAsync(tag: Machines.Vmware());

        Assert.Equal(1, await manager.Get<ClientRegistry>().DeleteAsync([agent.Id], LiveManager.Tester, LiveManager.Stop));

        using HttpResponseMessage response = await agent.TryBeatAsync(agent.Next());
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task What_is_known_outlives_a_restart(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent agent = await manager.EnrolAsync();
        string password = manager.FirstPassword;

        await manager.StopAsync();
        await manager.StartAgainAsync();

        await agent.BeatAsync();
        Assert.Equal(password, manager.FirstPassword);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Groups_are_a_tree_with_names_of_their_own(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        GroupTree groups = manager.Get<GroupTree>();
        ClientGroup vdi = await groups.AddAsync(GroupTree.RootId, "VDI", LiveManager.Tester, LiveManager.Stop);
        ClientGroup floor = await groups.AddAsync(vdi.Id, "Floor 1", LiveManager.Tester, LiveManager.Stop);
        Agent agent = await manager.EnrolAsync(groupId: floor.Id);

        await groups.RenameAsync(vdi.Id, "Desktops", LiveManager.Tester, LiveManager.Stop);

        Assert.Equal(["/", "/Desktops", "/Desktops/Floor 1"], (await groups.ListAsync(LiveManager.Stop)).Select(static group => group.Path));
        Assert.Equal("/Desktops/Floor 1", (await manager.Get<ClientRegistry>().GetAsync(agent.Id, LiveManager.Stop)).Summary.Group);
        Assert.Equal(ManagementFault.Conflict, (await Assert.ThrowsAsync<ManagementException>(() => groups.DeleteAsync(floor.Id, LiveManager.Tester, LiveManager.Stop))).Fault);
        Assert.Equal(ManagementFault.Conflict, (await Assert.ThrowsAsync<ManagementException>(() => groups.AddAsync(GroupTree.RootId, "DESKTOPS", LiveManager.Tester, LiveManager.Stop))).Fault);
        Assert.Equal(ManagementFault.Invalid, (await Assert.ThrowsAsync<ManagementException>(() => groups.AddAsync(GroupTree.RootId, "a/b", LiveManager.Tester, LiveManager.Stop))).Fault);
    }
}
