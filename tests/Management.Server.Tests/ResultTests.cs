using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server.Tests;

/// <summary>What clients report, and whom a bad content concerns.</summary>
public class ResultTests
{
    private static readonly ContentHash Bad = ContentHash.Compute("bad"u8);
    private static readonly Guid Seal = Guid.Parse("0b0e4c6a-5b1e-4d6b-9d1f-3a3f8f1f2a11");

    public static TheoryData<DatabaseKind> Databases => LiveManager.Databases;

    [Theory, MemberData(nameof(Databases))]
    public async Task A_batch_is_counted_once_however_often_and_at_once_it_comes(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent agent = await manager.EnrolAsync();
        ResultBatch batch = Batch(manager);

        ResultReceipt[] receipts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => agent.ReportAsync(batch)));
        ResultReceipt late = await agent.ReportAsync(batch);
        ResultReceipt other = await agent.ReportAsync(batch with { Id = Guid.NewGuid() });

        Assert.Equal(1, receipts.Count(static receipt => receipt.Counted));
        Assert.Equal((false, true), (late.Counted, other.Counted));
        ClientDetails details = await manager.Get<ClientRegistry>().GetAsync(agent.Id, LiveManager.Stop);
        Assert.Equal(2, details.Summary.Detections);
        Assert.Equal(2, (await manager.Get<ResultStore>().ScansAsync(agent.Id, cancellationToken: LiveManager.Stop)).Count);
        DateOnly today = DateOnly.FromDateTime(manager.Time.GetUtcNow().UtcDateTime);
        SavingTotal day = Assert.Single(await manager.Get<Reports>().SavingsAsync(SavingAxis.Day, today, today, cancellationToken: LiveManager.Stop));
        Assert.Equal(new SavingTotal("2026-11-26", "2026-11-26", 300, 6000, 120), day);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Batches_of_one_client_that_come_at_once_are_all_counted(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent agent = await manager.EnrolAsync();
        DateOnly today = DateOnly.FromDateTime(manager.Time.GetUtcNow().UtcDateTime);
        await agent.ReportAsync(Batch(manager));

        ResultReceipt[] receipts = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => agent.ReportAsync(Batch(manager))));

        Assert.All(receipts, static receipt => Assert.True(receipt.Counted));
        SavingTotal day = Assert.Single(await manager.Get<Reports>().SavingsAsync(SavingAxis.Day, today, today, cancellationToken: LiveManager.Stop));
        Assert.Equal(13 * 3000, day.Bytes);
        Assert.Equal(13, (await manager.Get<ClientRegistry>().GetAsync(agent.Id, LiveManager.Stop)).Summary.Detections);
    }

    [Theory]
    [InlineData("the far future", 2999)]
    [InlineData("the far past", 2001)]
    public async Task What_a_wrong_clock_says_is_counted_as_of_now_and_cleared_away_in_time(string clock, int year)
    {
        Assert.NotEmpty(clock);
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        Agent agent = await manager.EnrolAsync();
        DateTimeOffset wrong = new(year, 6, 1, 0, 0, 0, TimeSpan.Zero);
        ResultBatch batch = Batch(manager);
        await agent.ReportAsync(batch with { Scans = [.. batch.Scans.Select(scan => scan with { Started = wrong })], Detections = [.. batch.Detections.Select(detection => detection with { Time = wrong })] });
        ResultStore results = manager.Get<ResultStore>();

        await results.ForgetAsync(LiveManager.Stop);
        ScanEntry scan = Assert.Single(await results.ScansAsync(cancellationToken: LiveManager.Stop));
        DetectionEntry detection = Assert.Single(await results.DetectionsAsync(new DetectionFilter(), LiveManager.Stop));
        manager.Time.Advance(TimeSpan.FromDays(401));
        await results.ForgetAsync(LiveManager.Stop);

        Assert.Equal(manager.Time.GetUtcNow().AddDays(-401), scan.Scan.Started);
        Assert.True(detection.Time <= scan.Scan.Started);
        Assert.Empty(await results.ScansAsync(cancellationToken: LiveManager.Stop));
        Assert.Equal(0, (await manager.Get<Reports>().OverviewAsync(LiveManager.Stop)).Infected);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_client_that_invents_what_it_relied_on_hides_no_other(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent rogue = await manager.EnrolAsync("!", "hardware-0001");
        await manager.Get<RecallStore>().AddAsync(Bad, "Eicar", LiveManager.Tester, LiveManager.Stop);
        string tag = (await rogue.BeatAsync()).PolicyTag;
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await rogue.AnswerAsync(new RecallAnswer
            {
                PolicyTag = tag,
                Relied = [.. Enumerable.Range(0, WireLimits.MaxReliances).Select(static _ => new RelianceDocument { Hash = Bad, Exemption = "seal", SealId = Guid.NewGuid(), ImageId = "x" })],
            });
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }

        Assert.InRange((await manager.Get<RecallStore>().ReachAsync(Bad, LiveManager.Stop)).Relied.Count, 1, 64);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task Savings_add_up_by_client_image_exemption_and_day(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent one = await manager.EnrolAsync("one", "hardware-0001");
        Agent two = await manager.EnrolAsync("two", "hardware-0002");
        await one.ReportAsync(Batch(manager));
        await two.ReportAsync(Batch(manager));
        await two.ReportAsync(Batch(manager));
        DateOnly today = DateOnly.FromDateTime(manager.Time.GetUtcNow().UtcDateTime);
        Reports reports = manager.Get<Reports>();

        IReadOnlyList<SavingTotal> clients = await reports.SavingsAsync(SavingAxis.Client, today, today, cancellationToken: LiveManager.Stop);
        IReadOnlyList<SavingTotal> images = await reports.SavingsAsync(SavingAxis.Image, today, today, cancellationToken: LiveManager.Stop);
        IReadOnlyList<SavingTotal> exemptions = await reports.SavingsAsync(SavingAxis.Exemption, today, today, one.Id, cancellationToken: LiveManager.Stop);
        Overview overview = await reports.OverviewAsync(LiveManager.Stop);

        Assert.Equal([("two", 6000L), ("one", 3000L)], clients.Select(static total => (total.Name, total.Bytes)));
        Assert.Equal([("win11", 6000L)], images.Select(static total => (total.Name, total.Bytes)));
        Assert.Equal([("seal", 2000L), ("insight cache", 1000L)], exemptions.Select(static total => (total.Name, total.Bytes)));
        Assert.Equal((2, 2, 2, 9000), (overview.Clients, overview.Online, overview.Infected, overview.Saved.Bytes));
        Assert.Equal(new NameCount("Eicar", 3), Assert.Single(overview.Threats));
        Assert.Equal(3, overview.DetectionsByDay[^1].Count);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_bad_content_concerns_who_relied_on_it_and_who_has_its_seal_in_use(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent relied = await manager.EnrolAsync("relied", "hardware-0001");
        Agent silent = await manager.EnrolAsync("silent", "hardware-0002");
        await manager.EnrolAsync("other", "hardware-0003");
        foreach (Agent agent in new[] { relied, silent })
        {
            await agent.BeatAsync(agent.Next() with { Images = [new ImageInUse(Seal, "win11")] });
        }

        await manager.Get<RecallStore>().AddAsync(Bad, "Eicar", LiveManager.Tester, LiveManager.Stop);
        string tag = (await relied.BeatAsync()).PolicyTag;
        RecallAnswer answer = new()
        {
            PolicyTag = tag,
            Relied =
            [
                new RelianceDocument { Hash = Bad, Exemption = "seal", SealId = Seal, ImageId = "win11", Location = "C:\\bad.exe" },
                new RelianceDocument { Hash = ContentHash.Compute("never recalled"u8), Exemption = "seal" },
            ],
        };
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage response = await relied.AnswerAsync(answer);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        }

        RecallReach reach = await manager.Get<RecallStore>().ReachAsync(Bad, LiveManager.Stop);

        Assert.Equal("Eicar", reach.Recall!.Threat);
        Assert.Equal(("relied", "seal", (Guid?)Seal), (Assert.Single(reach.Relied).ClientName, reach.Relied[0].Exemption, reach.Relied[0].SealId));
        SealReach seal = Assert.Single(reach.Seals);
        Assert.Equal(("win11", "relied silent"), (seal.ImageId, string.Join(' ', seal.Clients.Select(static client => client.Name))));
        Assert.Empty((await manager.Get<RecallStore>().ReachAsync(ContentHash.Compute("never recalled"u8), LiveManager.Stop)).Relied);
        await manager.Get<RecallStore>().LiftAsync(Bad, LiveManager.Tester, LiveManager.Stop);
        Assert.Empty(await manager.Get<RecallStore>().ListAsync(LiveManager.Stop));
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task What_was_reported_outlives_the_client_and_not_its_time(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind);
        Agent agent = await manager.EnrolAsync();
        ResultBatch batch = Batch(manager);
        await agent.ReportAsync(batch);
        await manager.Get<ClientRegistry>().DeleteAsync([agent.Id], LiveManager.Tester, LiveManager.Stop);

        DetectionEntry detection = Assert.Single(await manager.Get<ResultStore>().DetectionsAsync(new DetectionFilter { Hash = Bad, Threat = "eic" }, LiveManager.Stop));
        manager.Time.Advance(TimeSpan.FromDays(401));
        await manager.Get<Housekeeping>().RunAsync(LiveManager.Stop);
        Agent later = await manager.EnrolAsync("later");
        using HttpResponseMessage tooOld = await later.TryReportAsync(batch);

        Assert.Equal(("web-01", "/tmp/\\u{202E}x"), (detection.ClientName, detection.Location));
        Assert.Empty(await manager.Get<ResultStore>().DetectionsAsync(new DetectionFilter(), LiveManager.Stop));
        Assert.Equal(HttpStatusCode.Gone, tooOld.StatusCode);
    }

    [Theory, MemberData(nameof(Databases))]
    public async Task A_client_that_claims_what_it_likes_makes_no_report_fail(DatabaseKind kind)
    {
        await using LiveManager manager = await LiveManager.StartAsync(kind, static options => options.ClientRequestsPerMinute = 10_000);
        Agent agent = await manager.EnrolAsync();
        DateOnly today = DateOnly.FromDateTime(manager.Time.GetUtcNow().UtcDateTime);
        for (int i = 0; i < 5; i++)
        {
            await agent.ReportAsync(new ResultBatch
            {
                Id = Guid.NewGuid(),
                Created = manager.Time.GetUtcNow(),
                Savings = [.. Enumerable.Range(0, 512).Select(n => new SavingDocument { Day = new DateOnly(2999, 1, 1), Exemption = $"e{n}", Contents = 1L << 53, Bytes = 1L << 53, Milliseconds = 1L << 53 })],
            });
        }

        IReadOnlyList<SavingTotal> days = await manager.Get<Reports>().SavingsAsync(SavingAxis.Day, today, today.AddDays(1), cancellationToken: LiveManager.Stop);
        await manager.Get<Reports>().OverviewAsync(LiveManager.Stop);

        Assert.Equal(1L << 53, days[1].Bytes);
    }

    [Theory]
    [InlineData(Routes.Heartbeat, WireLimits.MaxHeartbeatLength)]
    [InlineData(Routes.Results, WireLimits.MaxResultsLength)]
    [InlineData(Routes.RecallAnswers, WireLimits.MaxResultsLength)]
    public async Task A_body_that_is_too_long_is_refused_whether_it_says_so_or_not(string route, int limit)
    {
        await using LiveManager manager = await LiveManager.StartAsync(DatabaseKind.Sqlite);
        Agent agent = await manager.EnrolAsync();
        byte[] body = Encoding.UTF8.GetBytes("{\"x\":\"" + new string('a', limit) + "\"}");
        foreach (bool chunked in new[] { false, true })
        {
            using HttpClient http = manager.Http();
            using HttpRequestMessage request = new(HttpMethod.Post, route) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Authorization = new AuthenticationHeaderValue(Routes.Scheme, agent.Credentials.ToString());
            request.Headers.TransferEncodingChunked = chunked;
            request.Headers.ExpectContinue = true;

            using HttpResponseMessage response = await http.SendAsync(request, LiveManager.Stop);

            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }
    }

    private static ResultBatch Batch(LiveManager manager) => new()
    {
        Id = Guid.NewGuid(),
        Created = manager.Time.GetUtcNow(),
        Scans = [new ScanDocument { Started = manager.Time.GetUtcNow(), Trigger = ScanTrigger.Scheduled, Target = "weekly", Contents = 200, Bytes = 4000, Infected = 1, Skipped = 150 }],
        Detections = [new DetectionDocument { Time = manager.Time.GetUtcNow(), Threat = "Eicar", Location = "/tmp/\u202Ex", Hash = Bad }],
        Savings =
        [
            new SavingDocument { Day = DateOnly.FromDateTime(manager.Time.GetUtcNow().UtcDateTime), Exemption = "seal", ImageId = "win11", SealId = Seal, Contents = 100, Bytes = 2000, Milliseconds = 40 },
            new SavingDocument { Day = DateOnly.FromDateTime(manager.Time.GetUtcNow().UtcDateTime), Exemption = "insight cache", Contents = 50, Bytes = 1000, Milliseconds = 20 },
        ],
    };
}
