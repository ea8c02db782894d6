using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server;
using Symantec.Virtualization.Management.Server.Tests;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Client.Tests;

/// <summary>An agent and the real manager, over real sockets.</summary>
public class AgentTests
{
    private static readonly PolicyDocument Strict = new(name: "Strict", scan: new ScanPolicy(virtualImages: new VirtualImagesPolicy { OnDemand = true }), heartbeatSeconds: 120);

    public static TheoryData<DatabaseKind> Databases => LiveManager.Databases;

    [Theory, MemberData(nameof(Databases))]
    public async Task It_enrols_once_follows_its_policy_and_reports(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        await manager.Get<PolicyStore>().SetAsync(GroupTree.RootId, Strict, "", LiveManager.Tester, cancellationToken: LiveManager.Stop);
        using Host host = new(manager, await manager.TokenAsync());
        host.Agent.Status = new AgentStatus { State = AgentState.Scanning, Properties = new Dictionary<string, string> { ["os"] = "Debian" }, Images = [new ImageInUse(Guid.NewGuid(), "win11")] };
        await host.Agent.ReportAsync(Machines.Vmware("horizon", persistent: false), LiveManager.Stop);
        host.Agent.Spool.Add(detections: [Detection(manager)]);

        TimeSpan next = await host.RoundAsync();
        Guid id = host.Agent.ClientId!.Value;
        host.Restart();
        await host.RoundAsync();

        ClientDetails details = await manager.Get<ClientRegistry>().GetAsync(id, LiveManager.Stop);
        Assert.Equal((TimeSpan.FromSeconds(120), Strict, id), (next, host.Agent.Policy, host.Agent.ClientId));
        Assert.Equal(("desktop-01", "horizon", AgentState.Idle, 1), (details.Summary.Name, details.Summary.Broker, details.Summary.State, details.Summary.Detections));
        Assert.Equal(details.CurrentPolicyTag, details.Summary.PolicyTag);
        Assert.Equal(1, (await manager.Get<ClientSearch>().FindAsync("", cancellationToken: LiveManager.Stop)).Total);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(host.Folder, "credentials.json")));
        }
    }

    [Fact]
    public async Task The_last_policy_counts_while_the_manager_is_away_and_results_wait()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        await manager.Get<PolicyStore>().SetAsync(GroupTree.RootId, Strict, "", LiveManager.Tester, cancellationToken: LiveManager.Stop);
        using Host host = new(manager, await manager.TokenAsync());
        await host.RoundAsync();
        host.Network = static (_, _) => throw new HttpRequestException("no route");

        host.Restart();
        Assert.True(host.Agent.Spool.Add(detections: [Detection(manager)]));
        ManagementClientException away = await Assert.ThrowsAsync<ManagementClientException>(host.RoundAsync);
        host.Restart();
        PolicyDocument offline = host.Agent.Policy;
        host.Network = static (_, send) => send();
        await host.RoundAsync();

        Assert.Equal((ManagementClientFault.Away, Strict), (away.Fault, offline));
        Assert.Equal((0, 1), (host.Agent.Spool.Count, await DetectionsAsync(manager)));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task What_was_reported_is_counted_once_when_answers_are_lost(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        using Host host = new(manager, await manager.TokenAsync());
        await host.RoundAsync();
        host.Agent.Spool.Add(detections: [.. Enumerable.Range(0, 600).Select(_ => Detection(manager))]);
        int lost = 0;
        host.Network = async (request, send) =>
        {
            HttpResponseMessage response = await send();
            if (request.RequestUri!.AbsolutePath == Routes.Results && lost++ < 2)
            {
                response.Dispose();
                throw new HttpRequestException("the answer was lost");
            }

            return response;
        };

        await Assert.ThrowsAsync<ManagementClientException>(host.RoundAsync);
        host.Restart();
        await Assert.ThrowsAsync<ManagementClientException>(host.RoundAsync);
        await host.RoundAsync();

        Assert.Equal((0, 600L), (host.Agent.Spool.Count, (await manager.Get<ClientRegistry>().GetAsync(host.Agent.ClientId!.Value, LiveManager.Stop)).Summary.Detections));
    }

    [Fact]
    public async Task A_clock_that_jumps_back_costs_one_more_heartbeat()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        using Host host = new(manager, await manager.TokenAsync(hours: 1000));
        manager.Time.Advance(TimeSpan.FromDays(3));
        await host.RoundAsync();
        long before = (await manager.Get<ClientRegistry>().GetAsync(host.Agent.ClientId!.Value, LiveManager.Stop)).Sequence;
        int beats = 0;
        host.Network = (request, send) =>
        {
            beats += request.RequestUri!.AbsolutePath == Routes.Heartbeat ? 1 : 0;
            return send();
        };

        // As a machine that was taken back to a snapshot: the agent starts anew, and its clock is behind.
        manager.Time.AdjustTime(manager.Time.GetUtcNow().AddDays(-2));
        host.Restart();
        await host.RoundAsync();

        Assert.Equal((2, before + 1), (beats, (await manager.Get<ClientRegistry>().GetAsync(host.Agent.ClientId!.Value, LiveManager.Stop)).Sequence));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_recall_is_answered_once_for_each_policy(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        using Host host = new(manager, await manager.TokenAsync(), witness: new EverythingRelied());
        ContentHash bad = ContentHash.Compute("bad"u8);
        await host.RoundAsync();
        int answers = 0;
        host.Network = (request, send) =>
        {
            answers += request.RequestUri!.AbsolutePath == Routes.RecallAnswers ? 1 : 0;
            return send();
        };
        await manager.Get<RecallStore>().AddAsync(bad, "Eicar", LiveManager.Tester, LiveManager.Stop);

        await host.RoundAsync();
        await host.RoundAsync();

        Assert.Equal(1, answers);
        Assert.Equal("desktop-01", Assert.Single((await manager.Get<RecallStore>().ReachAsync(bad, LiveManager.Stop)).Relied).ClientName);
        Assert.Equal([bad], host.Agent.Policy.Scan.VirtualImages.RecalledContents);
    }

    [Fact]
    public async Task A_clone_with_the_credentials_of_its_original_enrols_anew()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        using Host host = new(manager, await manager.TokenAsync(uses: 5));
        await host.RoundAsync();
        Guid original = host.Agent.ClientId!.Value;

        host.HardwareId = "hardware-0002";
        host.Restart();
        await host.RoundAsync();

        Assert.NotEqual(original, host.Agent.ClientId!.Value);
        Assert.Equal(2, (await manager.Get<ClientSearch>().FindAsync("", cancellationToken: LiveManager.Stop)).Total);
    }

    [Fact]
    public async Task A_client_that_was_forgotten_enrols_anew_and_tells_everything()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        using Host host = new(manager, await manager.TokenAsync(uses: 5));
        await host.Agent.ReportAsync(Machines.Vmware(), LiveManager.Stop);
        Guid first = host.Agent.ClientId!.Value;
        await manager.Get<ClientRegistry>().DeleteAsync([first], LiveManager.Tester, LiveManager.Stop);

        await host.RoundAsync();
        await manager.Get<ClientRegistry>().DeleteAsync([host.Agent.ClientId!.Value], LiveManager.Tester, LiveManager.Stop);
        host.Token = null;
        host.Restart();
        ManagementClientException unknown = await Assert.ThrowsAsync<ManagementClientException>(host.RoundAsync);

        Assert.NotEqual(first, host.Agent.ClientId);
        Assert.Equal(ManagementClientFault.Unknown, unknown.Fault);
    }

    [Fact]
    public async Task A_policy_that_is_none_leaves_the_last_one()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        await manager.Get<PolicyStore>().SetAsync(GroupTree.RootId, Strict, "", LiveManager.Tester, cancellationToken: LiveManager.Stop);
        using Host host = new(manager, await manager.TokenAsync());
        await host.RoundAsync();
        await manager.Get<PolicyStore>().SetAsync(GroupTree.RootId, Strict with { Name = "next" }, "", LiveManager.Tester, cancellationToken: LiveManager.Stop);
        host.Network = async (request, send) => request.RequestUri!.AbsolutePath == Routes.Policy
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("{ \"version\": 9 }") }
            : await send();

        await host.RoundAsync();
        host.Restart();

        Assert.Equal(Strict, host.Agent.Policy);
    }

    [Fact]
    public async Task A_batch_that_the_manager_will_never_take_holds_up_no_other()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        using Host host = new(manager, await manager.TokenAsync());
        host.Agent.Spool.Add(detections: [Detection(manager)]);
        string first = Directory.GetFiles(Path.Combine(host.Folder, "spool")).Single();
        File.WriteAllText(first, File.ReadAllText(first).Replace("Eicar", new string('x', 1 + WireLimits.MaxText), StringComparison.Ordinal));
        host.Agent.Spool.Add(detections: [Detection(manager)]);

        await host.RoundAsync();

        Assert.Equal((0, 1), (host.Agent.Spool.Count, await DetectionsAsync(manager)));
        Assert.Single(Directory.GetFiles(Path.Combine(host.Folder, "spool"), "*.refused"));
    }

    [Fact]
    public async Task An_answer_that_is_not_the_managers_costs_no_credentials()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        using Host host = new(manager, await manager.TokenAsync());
        await host.RoundAsync();
        Guid id = host.Agent.ClientId!.Value;
        host.Network = static (request, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized) { RequestMessage = request, Content = new StringContent("<html>sign in to the proxy</html>") });

        ManagementClientException away = await Assert.ThrowsAsync<ManagementClientException>(host.RoundAsync);
        host.Restart();
        host.Network = static (_, send) => send();
        await host.RoundAsync();

        Assert.Equal((ManagementClientFault.Away, id), (away.Fault, host.Agent.ClientId!.Value));
    }

    [Fact]
    public async Task A_client_that_cannot_enrol_anew_keeps_what_it_has()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        using Host host = new(manager, await manager.TokenAsync());
        await host.RoundAsync();
        Guid id = host.Agent.ClientId!.Value;
        await manager.Get<ClientRegistry>().DeleteAsync([id], LiveManager.Tester, LiveManager.Stop);

        // Its token is used up.
        ManagementClientException unknown = await Assert.ThrowsAsync<ManagementClientException>(host.RoundAsync);
        host.Restart();

        Assert.Equal((ManagementClientFault.Unknown, id), (unknown.Fault, host.Agent.ClientId!.Value));
    }

    [Fact]
    public async Task Results_are_sent_although_a_recall_cannot_be_answered()
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        using Host host = new(manager, await manager.TokenAsync(), witness: new EverythingRelied());
        await manager.Get<RecallStore>().AddAsync(ContentHash.Compute("bad"u8), "Eicar", LiveManager.Tester, LiveManager.Stop);
        host.Agent.Spool.Add(detections: [Detection(manager)]);
        host.Network = static async (request, send) => request.RequestUri!.AbsolutePath == Routes.RecallAnswers ? new HttpResponseMessage(HttpStatusCode.BadRequest) { RequestMessage = request } : await send();

        await Assert.ThrowsAsync<ManagementClientException>(host.RoundAsync);

        Assert.Equal((0, 1), (host.Agent.Spool.Count, await DetectionsAsync(manager)));
    }

    [Theory]
    [InlineData("a clock that nobody has set", "1970-01-01")]
    [InlineData("a clock that lost ten years", "2016-11-26")]
    [InlineData("a clock that is a day behind", "2026-11-25")]
    [InlineData("a clock that is ten years ahead", "2036-11-26")]
    [InlineData("a clock at the end of time", "9999-12-31")]
    public async Task What_was_found_is_reported_whatever_the_clock_said(string how, string clock)
    {
        Assert.NotEmpty(how);
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        using Host host = new(manager, await manager.TokenAsync());
        await host.RoundAsync();
        host.Time = new FakeTimeProvider(DateTimeOffset.Parse(clock, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
        host.Restart();

        host.Agent.Spool.Add(
            [new ScanDocument { Started = host.Time.GetUtcNow(), Trigger = ScanTrigger.Manual, Target = "/", Contents = 1, Bytes = 1 }],
            [new DetectionDocument { Time = host.Time.GetUtcNow(), Threat = "Eicar", Location = "/tmp/eicar.com" }],
            [new SavingDocument { Day = DateOnly.FromDateTime(host.Time.GetUtcNow().UtcDateTime), Exemption = "seal", Contents = 1, Bytes = 1 }]);
        await host.RoundAsync();
        await host.RoundAsync();

        Assert.Equal((0, 1), (host.Agent.Spool.Count, await DetectionsAsync(manager)));
        Assert.Single(await manager.Get<ResultStore>().ScansAsync(cancellationToken: LiveManager.Stop));
    }

    private static DetectionDocument Detection(LiveManager manager) => new() { Time = manager.Time.GetUtcNow(), Threat = "Eicar", Location = "/tmp/eicar.com" };

    private static async Task<int> DetectionsAsync(LiveManager manager)
        => (await manager.Get<ResultStore>().DetectionsAsync(new DetectionFilter { Count = 500 }, LiveManager.Stop)).Count;
}
