using FsCheck.Xunit;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

public sealed class VoteTests
{
    [Fact]
    public async Task What_a_trusted_scanner_has_voted_others_skip()
    {
        await using Fleet fleet = new Fleet().With(1);
        Assert.Equal(LookupAnswer.Scan, fleet.Trusted().Ask(1));

        Assert.Equal(1, fleet.Trusted().Vote(1).Accepted);

        Assert.Equal([LookupAnswer.Clean, LookupAnswer.Scan], fleet.Client("a").Ask([1, 2]));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task As_many_ordinary_clients_as_the_threshold_says_make_a_content_clean(int threshold)
    {
        await using Fleet fleet = new Fleet(options => options.VoteThreshold = threshold).With(1);
        for (int i = 1; i < threshold; i++)
        {
            Assert.Equal((1, 0), (fleet.Client($"c{i}").Vote(1).Pending, fleet.Client($"c{i}").Vote(1).Pending));
            Assert.Equal(LookupAnswer.Scan, fleet.Client("x").Ask(1));
        }

        Assert.Equal(1, fleet.Client("last").Vote(1).Accepted);
        Assert.Equal(LookupAnswer.Clean, fleet.Client("x").Ask(1));
    }

    [Fact]
    public async Task One_liar_makes_nothing_clean_however_often_it_votes_and_from_however_many_machines()
    {
        await using Fleet fleet = new Fleet().With(1);
        for (int i = 0; i < 20; i++)
        {
            VoteAnswerFrame answer = fleet.Client("liar", machine: $"m{i}").Vote(1);
            Assert.Equal(i == 0 ? (1, 0) : (0, 1), (answer.Pending, answer.Duplicate));
        }

        Assert.Equal(LookupAnswer.Scan, fleet.Client("x").Ask(1));
    }

    [Fact]
    public async Task Whoever_may_only_ask_votes_nothing()
    {
        await using Fleet fleet = new Fleet(static options => options.VoteThreshold = 1).With(1);
        Machine reader = fleet.Client("reader", ClientRoles.Ask);

        Assert.Equal((1, 1), (reader.Vote(1).Rejected, reader.Vote(2, VoteVerdict.Infected).Rejected));
        Assert.Equal(LookupAnswer.Scan, reader.Ask(1));
    }

    [Theory]
    [InlineData("older definitions", 4, "")]
    [InlineData("invented newer definitions", 6, "")]
    [InlineData("other definitions of the same number", 5, "forged")]
    public async Task A_vote_counts_under_the_current_definitions_only(string because, long sequence, string digest)
    {
        await using Fleet fleet = new Fleet().With(4).With(5);

        Assert.True(fleet.Trusted().With(sequence, digest).Vote(1).Stale == 1, because);
        Assert.Equal([LookupAnswer.Scan, LookupAnswer.Scan], new[] { fleet.Client("x").With(5).Ask(1), fleet.Client("x").With(4).Ask(1) });
    }

    [Fact]
    public async Task A_verdict_says_nothing_in_another_lane_or_to_another_tenant()
    {
        await using Fleet fleet = new Fleet().With(1).With(1, "other");
        fleet.Server.SetDefinitions("default", Fleet.Definitions(1) with { Profile = "00ff" });
        fleet.Trusted().Vote(1);

        Assert.Equal(LookupAnswer.Scan, fleet.Client("x", tenant: "other").Ask(1));
        Assert.Equal([("", 1L)], fleet.Store.Describe("default", Fleet.Content(1)).Select(static lane => (lane.Profile, lane.Sequence)));
        Assert.Empty(fleet.Store.Describe("other", Fleet.Content(1)));
    }

    [Fact]
    public async Task A_verdict_ends_by_itself()
    {
        await using Fleet fleet = new Fleet(static options => options.TimeToLive = TimeSpan.FromDays(1)).With(1);
        fleet.Trusted().Vote(1);

        // A fifth sooner or later, in whole hours.
        fleet.Time.Advance(TimeSpan.FromHours(18));
        Assert.Equal(LookupAnswer.Clean, fleet.Client("x").Ask(1));
        fleet.Time.Advance(TimeSpan.FromHours(12));

        Assert.Equal(LookupAnswer.Scan, fleet.Client("x").Ask(1));
    }

    [Theory]
    [InlineData(-300)]
    [InlineData(300)]
    public void A_clock_that_is_set_changes_neither_the_hours_nor_the_seconds_that_have_passed(int days)
    {
        SetClock time = new();
        ServerClock clock = new(time);
        (ushort hour, uint second) = (clock.Hour, clock.Second);

        time.Set = TimeSpan.FromDays(days);
        time.Passed = TimeSpan.FromHours(5);

        Assert.Equal((hour + 5, second + (5 * 3600)), (clock.Hour, clock.Second));
    }

    /// <summary>Whatever honest clients and liars do in whatever order, clean is what reached its quorum under the current definitions and was not recalled since.</summary>
    [Property(MaxTest = 60)]
    public async Task No_order_of_votes_leases_recalls_and_definitions_makes_clean_what_had_no_quorum(uint[] steps)
    {
        await using Fleet fleet = new Fleet(static options => options.Recall.ReportsPerHour = 1_000_000).With(1);
        Machine[] machines = [.. Enumerable.Range(0, 4).Select(i => fleet.Client($"c{i}"))];
        Dictionary<(int Content, long Sequence), HashSet<int>> votes = [];
        HashSet<int> recalled = [];
        long current = 1;
        foreach (uint step in steps)
        {
            int content = (int)(step >> 8 & 3);
            int who = (int)(step >> 10 & 3);
            Machine machine = machines[who].With(current);
            switch (step & 7)
            {
                case < 4:
                    if (!recalled.Contains(content))
                    {
                        machine.Vote(content);
                        if (votes.TryGetValue((content, current), out HashSet<int>? voters) || votes.TryAdd((content, current), voters = []))
                        {
                            voters!.Add(who);
                        }
                    }
                    else
                    {
                        Assert.Equal(1, machine.Vote(content).Rejected);
                    }

                    break;
                case 4:
                    machine.With(current - 1).Vote(content);
                    break;
                case 5:
                    machine.Ask(content, leases: true);
                    break;
                case 6:
                    machine.Vote(content, VoteVerdict.Infected);
                    recalled.Add(content);
                    break;
                default:
                    fleet.With(++current);
                    break;
            }

            for (int asked = 0; asked < 4; asked++)
            {
                bool isClean = machine.With(current).Ask(asked) == LookupAnswer.Clean;
                bool hasQuorum = votes.GetValueOrDefault((asked, current)) is { Count: >= 2 } && !recalled.Contains(asked);
                Assert.Equal(hasQuorum, isClean);
            }
        }
    }

    /// <summary>A machine's clock that somebody sets while time passes.</summary>
    private sealed class SetClock : TimeProvider
    {
        public TimeSpan Set { get; set; }

        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero) + Set + Passed;

        public override long GetTimestamp() => Passed.Ticks;
    }
}
