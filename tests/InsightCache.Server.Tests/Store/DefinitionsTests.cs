using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

public sealed class DefinitionsTests
{
    [Fact]
    public async Task Newer_definitions_mean_scan_again_and_the_same_again_mean_skip()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Trusted().Vote(1);

        fleet.With(2);

        Assert.Equal(LookupAnswer.Scan, fleet.Client("x").With(2).Ask(1));
        fleet.Trusted().With(2).Vote(1);
        Assert.Equal(LookupAnswer.Clean, fleet.Client("x").With(2).Ask(1));
    }

    [Fact]
    public async Task Clients_that_are_not_updated_yet_go_on_skipping_what_was_voted_under_their_definitions_or_newer_ones()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Trusted().Vote(1);
        fleet.With(2);
        fleet.Trusted().With(2).Vote(2);

        (LookupSummary summary, LookupAnswer[] answers) = fleet.Client("late").With(1).AskAll([1, 2, 3]);

        Assert.Equal([LookupAnswer.Clean, LookupAnswer.Clean, LookupAnswer.Scan], answers);
        Assert.Equal((DefinitionsStanding.Older, 2L), (summary.Standing, summary.Sequence));
    }

    [Fact]
    public async Task One_client_alone_neither_makes_a_lane_nor_advances_it()
    {
        await using Fleet fleet = new();
        Machine liar = fleet.Trusted("liar").With(long.MaxValue);
        Assert.Equal([DefinitionsReport.Noted, DefinitionsReport.Noted], new[] { liar.Report(), liar.Report() });
        fleet.With(1);
        fleet.Trusted().Vote(1);

        Assert.Equal(DefinitionsReport.Noted, liar.Report());
        Assert.Equal(LookupAnswer.Clean, fleet.Client("x").Ask(1));
        Assert.Equal(1, fleet.Trusted().Vote(2).Accepted);
    }

    [Fact]
    public async Task Two_clients_that_report_the_same_advance_a_lane()
    {
        await using Fleet fleet = new Fleet().With(1);

        Assert.Equal(DefinitionsReport.Noted, fleet.Client("a").With(2).Report());
        Assert.Equal(DefinitionsReport.Noted, fleet.Client("b").With(2, "another digest").Report());
        Assert.Equal(DefinitionsReport.Current, fleet.Client("c").With(2).Report());
        Assert.Equal(DefinitionsReport.Older, fleet.Client("d").With(1).Report());
    }

    [Fact]
    public async Task A_client_has_one_word_at_a_time()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Client("a").With(2).Report();
        fleet.Client("a").With(3).Report();

        Assert.Equal(DefinitionsReport.Noted, fleet.Client("b").With(2).Report());
    }

    [Fact]
    public async Task Whoever_invents_lanes_takes_nobody_elses_word_back()
    {
        await using Fleet fleet = new();
        Machine liar = fleet.Trusted("liar");
        Assert.Equal(DefinitionsReport.Noted, fleet.Client("a").Report());

        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(DefinitionsReport.Noted, fleet.Server.Report(liar.Identity, liar.Definitions with { Engine = $"invented-{i}" }).Report);
        }

        Assert.Equal(DefinitionsReport.Current, fleet.Client("b").Report());
        Assert.Equal(DefinitionsReport.Current, fleet.Server.Report(fleet.Client("b").Identity, liar.Definitions with { Engine = "invented-999" }).Report);
        Assert.Equal(DefinitionsReport.Noted, fleet.Server.Report(fleet.Client("b").Identity, liar.Definitions with { Engine = "invented-9" }).Report);
    }

    [Fact]
    public async Task Reports_that_cannot_be_right_are_refused()
    {
        await using Fleet fleet = new Fleet().With(5);
        DefinitionsDocument future = Fleet.Definitions(6) with { Published = fleet.Time.GetUtcNow().AddDays(2) };

        Assert.Equal(DefinitionsReport.Refused, fleet.Server.Report(fleet.Client("a").Identity, future).Report);
        Assert.Equal(DefinitionsReport.Refused, fleet.Client("a").With(4).Report());
        Assert.Equal(DefinitionsReport.Refused, fleet.Client("reader", ClientRoles.Ask).With(6).Report());
    }

    [Fact]
    public async Task Hostile_reports_fill_no_memory()
    {
        await using Fleet fleet = new Fleet().With(1);
        for (int i = 0; i < 1000; i++)
        {
            fleet.Client($"c{i}").With(1000 + i).Report();
            fleet.Server.Report(fleet.Client($"c{i}").Identity, Fleet.Definitions(1) with { Engine = $"engine {i}" });
        }

        Assert.InRange(fleet.Store.Lanes.Describe(null).Single().Candidates.Count, 1, 64);
    }

    [Fact]
    public async Task An_administrator_who_goes_back_to_older_definitions_takes_back_what_was_voted_under_the_withdrawn_ones()
    {
        await using Fleet fleet = new Fleet().With(1).With(2);
        fleet.Trusted().With(2).Vote(1);

        fleet.With(1);

        Assert.Equal([LookupAnswer.Scan, LookupAnswer.Scan], new[] { fleet.Client("x").With(1).Ask(1), fleet.Client("x").With(2).Ask(1) });
    }

    [Fact]
    public async Task Clients_that_still_have_withdrawn_definitions_do_not_bring_them_back()
    {
        await using Fleet fleet = new Fleet().With(1).With(2).With(1);

        Assert.Equal([DefinitionsReport.Refused, DefinitionsReport.Refused], new[] { fleet.Client("a").With(2).Report(), fleet.Client("b").With(2).Report() });
        fleet.Client("a").With(3).Report();
        Assert.Equal(DefinitionsReport.Current, fleet.Client("b").With(3).Report());
    }

    [Fact]
    public async Task A_generation_that_is_no_longer_kept_is_forgotten()
    {
        await using Fleet fleet = new Fleet(static options => options.Definitions.GenerationsKept = 2).With(1);
        fleet.Trusted().Vote(1);
        fleet.With(2);
        Assert.Equal(LookupAnswer.Clean, fleet.Client("x").With(1).Ask(1));

        fleet.With(3);

        Assert.Equal(LookupAnswer.Scan, fleet.Client("x").With(1).Ask(1));
    }

    /// <summary>Whether the sweep has been through the table between changes, or not.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Numbers_of_generations_that_come_round_bring_nothing_back(bool sweeps)
    {
        await using Fleet fleet = new Fleet(static options => options.Definitions.GenerationsKept = 1).With(1);
        fleet.Trusted().Vote([1, 2, 3]);

        for (int sequence = 2; sequence <= 600; sequence++)
        {
            fleet.With(sequence);
            while (sweeps && fleet.Store.Sweep())
            {
            }

            Assert.Equal([LookupAnswer.Scan, LookupAnswer.Scan], fleet.Client("x").With(sequence).Ask([1, 2]));
        }
    }

    [Fact]
    public async Task Numbers_of_generations_that_come_round_make_no_old_vote_count()
    {
        await using Fleet fleet = new Fleet().With(1);
        Assert.Equal(1, fleet.Client("a").Vote(1).Pending);

        for (int sequence = 2; sequence <= 257; sequence++)
        {
            fleet.Time.Advance(TimeSpan.FromMinutes(1));
            fleet.With(sequence);
        }

        Assert.Equal(1, fleet.Client("b").With(257).Vote(1).Pending);
        Assert.Equal(LookupAnswer.Scan, fleet.Client("x").With(257).Ask(1));
    }

    [Fact]
    public async Task A_policy_may_accept_older_verdicts_while_the_first_who_asks_renews_them()
    {
        await using Fleet fleet = new Fleet(static options => options.Definitions.AcceptedAge = 1).With(1);
        fleet.Trusted().Vote(1);
        fleet.With(2);

        Assert.Equal(LookupAnswer.Scan, fleet.Trusted("first").With(2).Ask(1, leases: true));
        Assert.Equal(LookupAnswer.Clean, fleet.Trusted("second").With(2).Ask(1, leases: true));
        Assert.Equal(LookupAnswer.Clean, fleet.Client("reader").With(2).Ask(1));
        fleet.With(3);
        Assert.Equal(LookupAnswer.Scan, fleet.Client("reader").With(3).Ask(1));
    }
}
