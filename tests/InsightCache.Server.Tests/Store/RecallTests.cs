using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

public sealed class RecallTests
{
    [Fact]
    public async Task One_report_suspends_a_content_and_votes_do_not_bring_it_back()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Trusted().Vote(1);
        long epoch = fleet.Client("x").AskAll([1]).Summary.RecallEpoch;

        Assert.Equal(1, fleet.Client("finder").Vote(1, VoteVerdict.Infected).Taken);

        (LookupSummary summary, LookupAnswer[] answers) = fleet.Client("x").AskAll([1]);
        Assert.Equal((LookupAnswer.Scan, true), (answers[0], summary.RecallEpoch > epoch));
        Assert.Equal(1, fleet.Trusted().Vote(1).Rejected);
        Assert.Equal([Fleet.Content(1)], fleet.Store.Recalls.Since("default", epoch).Recalled);
    }

    [Fact]
    public async Task An_answer_that_knows_the_epoch_of_a_recall_has_heeded_it()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Trusted().Vote(1);
        Action<Recall> forget = fleet.Store.Recalls.OnChange;
        List<(LookupAnswer Answer, bool KnowsIt)> seen = [];
        fleet.Store.Recalls.OnChange = recall =>
        {
            (LookupSummary summary, LookupAnswer[] answers) = fleet.Client("x").AskAll([1]);
            seen.Add((answers[0], summary.RecallEpoch >= recall.Epoch));
            forget(recall);
        };

        fleet.Client("finder").Vote(1, VoteVerdict.Infected);

        // A client that takes it in at the new epoch would keep what the recall has taken away.
        Assert.DoesNotContain((LookupAnswer.Clean, true), seen);
        Assert.Single(seen);
        Assert.Equal(LookupAnswer.Scan, fleet.Client("x").Ask(1));
    }

    [Fact]
    public async Task A_vote_that_a_recall_overtakes_is_answered_with_the_epoch_before_it()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Store.OnClean = (_, _, _, _, _) => fleet.Store.Recalls.Report(fleet.Client("finder").Identity, Fleet.Content(1), threat: null);

        VoteAnswerFrame answer = fleet.Trusted().Vote(1);

        Assert.Equal((1, LookupAnswer.Scan), (answer.Accepted, fleet.Client("x").Ask(1)));
        Assert.True(answer.RecallEpoch < fleet.Store.Recalls.Epoch);
    }

    [Fact]
    public async Task A_recalled_content_is_at_no_moment_clean_while_a_verdict_of_it_arrives_from_elsewhere()
    {
        WatchedTime time = new();
        await using Fleet fleet = new Fleet(time: time).With(1);
        fleet.Client("finder").Vote(1, VoteVerdict.Infected);
        Lane lane = fleet.Store.Lanes.Lanes.Single();
        byte[] key = new byte[ContentHash.Size];
        Fleet.Content(1).CopyTo(key);

        // Whether a recall stands and when a verdict ends are questions of time, so this is between the steps.
        List<long> verdicts = [];
        time.OnLook = () => verdicts.Add(fleet.Store.Table.Count);
        Assert.False(fleet.Store.Import(key, lane, lane.Generations[0].Index, fleet.Time.GetUtcNow().AddDays(5), out _));

        Assert.NotEmpty(verdicts);
        Assert.All(verdicts, static count => Assert.Equal(0, count));
    }

    [Fact]
    public async Task No_report_is_so_long_that_the_server_does_not_start_again()
    {
        using TemporaryFolder folder = new();
        await using (Fleet before = new(options => options.DataFolder = folder.Path))
        {
            Assert.Equal(ReportOutcome.Taken, before.Store.Recalls.Report(before.Client("rogue").Identity, Fleet.Content(1), new string('\u4e00', 100_000)));
        }

        await using Fleet after = new(options => options.DataFolder = folder.Path);
        Assert.Equal(Fleet.Content(1), Assert.Single(after.Store.Recalls.List("default")).Hash);
    }

    [Fact]
    public async Task Reports_of_what_is_recalled_for_good_already_add_nothing()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Client("a").Vote(1, VoteVerdict.Infected);
        fleet.Client("b").Vote(1, VoteVerdict.Infected);
        long epoch = fleet.Store.Recalls.Epoch;

        Assert.Equal(1, fleet.Client("c").Vote(1, VoteVerdict.Infected).Taken);

        Assert.Equal((epoch, 2), (fleet.Store.Recalls.Epoch, Assert.Single(fleet.Store.Recalls.List("default")).Reports));
    }

    [Fact]
    public async Task A_suspension_ends_by_itself_and_the_content_is_unknown_then()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Trusted().Vote(1);
        fleet.Client("liar").Vote(1, VoteVerdict.Infected);

        fleet.Time.Advance(fleet.Options.Recall.Suspension + TimeSpan.FromMinutes(1));

        Assert.Equal(LookupAnswer.Scan, fleet.Client("x").Ask(1));
        Assert.Equal(1, fleet.Trusted().Vote(1).Accepted);
        Assert.Equal(LookupAnswer.Clean, fleet.Client("x").Ask(1));
    }

    [Fact]
    public async Task Two_reports_recall_a_content_until_an_administrator_lifts_it()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Client("a").Vote(1, VoteVerdict.Infected);
        fleet.Client("a").Vote(1, VoteVerdict.Infected);
        Assert.False(Assert.Single(fleet.Store.Recalls.List("default")).Permanent);

        fleet.Client("b").Vote(1, VoteVerdict.Infected);

        fleet.Time.Advance(TimeSpan.FromDays(400));
        fleet.Store.Recalls.Tidy();
        Assert.True(Assert.Single(fleet.Store.Recalls.List("default")).Permanent);
        Assert.Equal(1, fleet.Trusted().Vote(1).Rejected);
        Assert.True(fleet.Store.Recalls.Lift("default", Fleet.Content(1)));
        Assert.Equal(1, fleet.Trusted().Vote(1).Accepted);
    }

    [Fact]
    public async Task False_reports_are_limited_for_each_client()
    {
        await using Fleet fleet = new Fleet(static options => options.Recall.ReportsPerHour = 10).With(1);

        VoteAnswerFrame answer = fleet.Client("liar").Vote([.. Enumerable.Range(0, 25)], VoteVerdict.Infected);

        Assert.Equal((10, 15), (answer.Taken, answer.Rejected));
        Assert.Equal(1, fleet.Client("other").Vote(100, VoteVerdict.Infected).Taken);
        fleet.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(1, fleet.Client("liar").Vote(101, VoteVerdict.Infected).Taken);
    }

    [Fact]
    public async Task When_there_is_no_room_for_another_recall_nothing_is_voted_clean()
    {
        await using Fleet fleet = new Fleet(static options => (options.Recall.Limit, options.Recall.ReportsPerHour) = (1000, 1_000_000)).With(1);
        fleet.Client("a").Vote([.. Enumerable.Range(0, 1000)], VoteVerdict.Infected);

        Assert.Equal((1, 1), (fleet.Trusted().Vote(5000).Rejected, fleet.Client("a").Vote(5001, VoteVerdict.Infected).Rejected));
    }

    [Fact]
    public async Task A_recall_of_one_tenant_does_not_concern_another()
    {
        await using Fleet fleet = new Fleet().With(1).With(1, "other");
        fleet.Client("s", ClientRoles.TrustedScanner | ClientRoles.Ask, "other").Vote(1);

        fleet.Client("a").Vote(1, VoteVerdict.Infected);

        Assert.Equal(LookupAnswer.Clean, fleet.Client("x", tenant: "other").Ask(1));
        Assert.Empty(fleet.Store.Recalls.Since("other", 0).Recalled);
    }

    [Fact]
    public async Task Recalls_outlive_the_server()
    {
        using TemporaryFolder folder = new();
        await using (Fleet before = new Fleet(options => options.DataFolder = folder.Path).With(1))
        {
            before.Client("a").Vote([1, 2], VoteVerdict.Infected);
            before.Client("b").Vote(1, VoteVerdict.Infected);
            before.Store.Recalls.Lift("default", Fleet.Content(2));
        }

        await using Fleet after = new(options => options.DataFolder = folder.Path);
        Assert.Equal([(Fleet.Content(1), true)], after.Store.Recalls.List("default").Select(static recall => (recall.Hash, recall.Permanent)));
        Assert.Equal(4, after.Store.Recalls.Epoch);
    }

    [Fact]
    public async Task A_recall_names_who_voted_and_who_relied()
    {
        using TemporaryFolder folder = new();
        await using Fleet fleet = new Fleet(options => options.DataFolder = folder.Path).With(1);
        fleet.Client("voter 1").Vote([1, 2]);
        fleet.Client("voter 2").Vote([1, 3]);
        fleet.Client("reader").Ask([1, 2, 3]);
        fleet.Client("other").Ask([2, 3]);

        RecallReport report = await fleet.Server.ConcernedByAsync("default", Fleet.Content(1), TestContext.Current.CancellationToken);

        Assert.Equal(["voter 1", "voter 2"], report.Voters.Select(static mention => mention.Client));
        Assert.Equal(["reader"], report.Relied.Select(static mention => mention.Client));
    }

    [Fact]
    public async Task Everything_that_a_client_ever_voted_can_be_retracted()
    {
        using TemporaryFolder folder = new();
        FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));
        await using (Fleet before = new Fleet(options => options.DataFolder = folder.Path, time).With(1))
        {
            before.Trusted("first of all").Vote(9);
            before.Trusted("rogue").Ask(9);
            time.Advance(TimeSpan.FromHours(2));
            before.Trusted("rogue").Vote([1, 2, 3]);
            before.Client("rogue too").Vote(6);
            await before.Server.StopAsync(TestContext.Current.CancellationToken);
        }

        await using Fleet fleet = new(options => options.DataFolder = folder.Path, time);
        fleet.Trusted("honest").Vote([4, 5]);
        fleet.Client("rogue").Vote(7);

        RetractionDocument? retraction = await fleet.Server.RetractAsync("default", "rogue", TestContext.Current.CancellationToken);

        // What was voted in the hour in which the log begins may have been voted before it.
        Assert.Equal(4, retraction?.Contents);
        Assert.Equal([.. Enumerable.Repeat(LookupAnswer.Scan, 3), LookupAnswer.Clean, LookupAnswer.Clean], fleet.Client("x").Ask([1, 2, 3, 4, 5]));
        Assert.Equal(1, fleet.Client("second").Vote(7).Pending);
        Assert.False(fleet.Store.Recalls.Since("default", 0).Complete);
        Assert.Null(await fleet.Server.RetractAsync("default", "nobody", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Where_the_log_does_not_reach_back_a_retraction_takes_everything_that_the_client_may_have_voted()
    {
        await using Fleet fleet = new Fleet().With(1).With(1, "other");
        fleet.Trusted("rogue").Vote(1);
        fleet.Trusted("honest").Vote(2);
        fleet.Client("s", ClientRoles.TrustedScanner | ClientRoles.Ask, "other").Vote(3);

        await fleet.Server.RetractAsync("default", "rogue", TestContext.Current.CancellationToken);

        Assert.Equal([LookupAnswer.Scan, LookupAnswer.Scan], fleet.Client("x").Ask([1, 2]));
        Assert.Equal(LookupAnswer.Clean, fleet.Client("x", tenant: "other").Ask(3));
    }

    [Theory]
    [InlineData("compact keys were switched on", false)]
    [InlineData("compact keys were switched off", true)]
    public async Task A_recall_names_also_those_from_before(string because, bool compactBefore)
    {
        using TemporaryFolder folder = new();
        await using (Fleet before = new Fleet(options => (options.DataFolder, options.CompactKeys) = (folder.Path, compactBefore)).With(1))
        {
            before.Trusted().Vote(1);
            Assert.Equal(LookupAnswer.Clean, before.Client("x").Ask(1));
        }

        await using Fleet after = new(options => (options.DataFolder, options.CompactKeys) = (folder.Path, !compactBefore));
        RecallReport report = await after.Server.ConcernedByAsync("default", Fleet.Content(1), TestContext.Current.CancellationToken);

        Assert.Equal("scanner", Assert.Single(report.Voters).Client);
        Assert.True(Assert.Single(report.Relied).Client == "x", because);
    }

    [Fact]
    public async Task A_verdict_that_rests_on_a_vote_which_the_log_no_longer_knows_is_retracted_with_it()
    {
        using TemporaryFolder folder = new();
        await using Fleet fleet = new Fleet(options => (options.DataFolder, options.LogLimit) = (folder.Path, 1 << 20)).With(1);
        fleet.Client("rogue").Vote(1);
        fleet.Time.Advance(TimeSpan.FromHours(5));
        await OverwriteLogAsync(fleet);
        fleet.Time.Advance(TimeSpan.FromHours(5));
        Assert.Equal((1, 1), (fleet.Client("honest").Vote(1).Accepted, fleet.Trusted().Vote(2).Accepted));

        RetractionDocument? retraction = await fleet.Server.RetractAsync("default", "rogue", TestContext.Current.CancellationToken);

        Assert.True(retraction!.CompleteSince > fleet.Time.GetUtcNow().AddHours(-9));
        Assert.Equal([LookupAnswer.Scan, LookupAnswer.Clean], fleet.Client("x").Ask([1, 2]));
    }

    [Fact]
    public async Task A_content_that_becomes_clean_while_a_voter_is_retracted_does_not_stay_so_by_its_vote()
    {
        WatchedTime time = new();
        await using Fleet fleet = new Fleet(time: time).With(1);
        Machine rogue = fleet.Client("rogue");
        rogue.Vote(1);
        Thread retracting = new(() =>
        {
            fleet.Store.WithdrawVotes(rogue.Identity.Id);
            fleet.Store.Retract("default", [fleet.Store.Fingerprint(Fleet.Content(1))], DateTimeOffset.MinValue);
        });
        time.OnLook = () =>
        {
            if (fleet.Store.Pending == 0)
            {
                // The last vote is counted, and its verdict is not in the table yet.
                time.OnLook = static () => { };
                retracting.Start();
                SpinWait.SpinUntil(() => !retracting.IsAlive || retracting.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
            }
        };

        Assert.Equal(1, fleet.Client("honest").Vote(1).Accepted);
        retracting.Join();

        Assert.Equal(LookupAnswer.Scan, fleet.Client("x").Ask(1));
        Assert.Equal(1, fleet.Client("honest").Vote(1).Pending);
    }

    [Theory]
    [InlineData("the first vote is as old as verdicts become", 7 * 24 * 1.2, false)]
    [InlineData("the first vote is still good", (7 * 24 * 0.8) - 1, true)]
    public async Task A_vote_lasts_no_longer_than_a_verdict_would(string because, double hours, bool counts)
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Client("a").Vote(1);
        fleet.Time.Advance(TimeSpan.FromHours(hours));

        Assert.True(fleet.Client("b").Vote(1).Accepted == (counts ? 1 : 0), because);
        Assert.Equal(counts ? LookupAnswer.Clean : LookupAnswer.Scan, fleet.Client("x").Ask(1));
        Assert.Equal(1, fleet.Client("c").Vote(1).Accepted);
    }

    [Fact]
    public void A_log_of_which_a_part_went_while_it_was_read_is_complete_only_since_then()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["1"], Record(second: 10));
        File.WriteAllBytes(folder["3"], Record(second: 30));
        uint CompleteSince(uint lossAt, params string[] files)
        {
            ProvenanceReader reader = new([.. files.Select(file => folder[file])], lossAt);
            reader.VotesOf(1);
            return reader.CompleteSince;
        }

        Assert.Equal((10u, 30u, 30u), (CompleteSince(0, "1", "3"), CompleteSince(0, "1", "2", "3"), CompleteSince(0, "0", "3")));
        Assert.Equal(40u, CompleteSince(40, "1", "3"));
    }

    private static byte[] Record(uint second)
    {
        byte[] record = new byte[LogRecord.HeaderSize];
        new LogRecord(LogRecordKind.Voted, 1, 0, 1, second).Write(record);
        return record;
    }

    /// <summary>Has the log written over from its beginning.</summary>
    private static async Task OverwriteLogAsync(Fleet fleet)
    {
        for (int i = 0; i < 20; i++)
        {
            fleet.Trusted("busy").Vote([.. Enumerable.Range(1000, 4096)]);
            fleet.Trusted("busy").Vote([.. Enumerable.Range(1000, 4096)]);
            await fleet.Server.ConcernedByAsync("default", Fleet.Content(0), TestContext.Current.CancellationToken);
        }
    }

    private sealed class WatchedTime() : FakeTimeProvider(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero))
    {
        public Action OnLook { get; set; } = static () => { };

        public override long GetTimestamp()
        {
            OnLook();
            return base.GetTimestamp();
        }
    }
}
