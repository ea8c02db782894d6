using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

public sealed class LeaseTests
{
    [Fact]
    public async Task Of_many_that_ask_one_scans_and_the_others_wait_and_then_skip()
    {
        await using Fleet fleet = new Fleet().With(1);
        Machine[] machines = [.. Enumerable.Range(0, 10).Select(i => fleet.Trusted($"c{i}"))];

        Assert.Equal([LookupAnswer.Scan, .. Enumerable.Repeat(LookupAnswer.Wait, 9)], machines.Select(static machine => machine.Ask(1, leases: true)));
        Assert.InRange(machines[1].AskAll([1], leases: true).Summary.ComeBack, 1, 60_000);
        machines[0].Vote(1);

        Assert.All(machines, static machine => Assert.Equal(LookupAnswer.Clean, machine.Ask(1, leases: true)));
    }

    [Fact]
    public async Task As_many_scan_as_votes_are_needed()
    {
        await using Fleet fleet = new Fleet(static options => options.VoteThreshold = 3).With(1);

        Assert.Equal(
            [LookupAnswer.Scan, LookupAnswer.Scan, LookupAnswer.Scan, LookupAnswer.Wait, LookupAnswer.Wait],
            Enumerable.Range(0, 5).Select(i => fleet.Client($"c{i}").Ask(1, leases: true)));
    }

    [Fact]
    public async Task A_content_whose_scanner_has_vanished_is_taken_over_by_another()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Trusted("gone").Ask(1, leases: true);
        Assert.Equal(LookupAnswer.Wait, fleet.Trusted("next").Ask(1, leases: true));

        fleet.Time.Advance(fleet.Options.LeaseTime + TimeSpan.FromSeconds(1));

        Assert.Equal([LookupAnswer.Scan, LookupAnswer.Wait], new[] { fleet.Trusted("next").Ask(1, leases: true), fleet.Trusted("third").Ask(1, leases: true) });
    }

    [Fact]
    public async Task A_client_that_lets_its_leases_run_out_holds_nobody_up_again()
    {
        await using Fleet fleet = new Fleet().With(1);
        Machine idle = fleet.Trusted("idle");
        idle.Ask(1, leases: true);
        fleet.Time.Advance(fleet.Options.LeaseTime + TimeSpan.FromSeconds(1));

        Assert.Equal(LookupAnswer.Scan, idle.Ask(1, leases: true));
        Assert.Equal(LookupAnswer.Scan, fleet.Trusted("other").Ask(1, leases: true));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    public async Task Whoever_lets_leases_run_out_holds_nobody_up_again_by_calling_its_machine_otherwise(bool hasCredentials, int leases)
    {
        await using Fleet fleet = new Fleet(static options => options.OpenVoting = true).With(1);
        int waited = 0;
        for (int i = 0; i < 20; i++)
        {
            Machine idle = hasCredentials ? fleet.Client("idle", ClientRoles.Ask | ClientRoles.TrustedScanner, machine: $"m{i}") : fleet.Anonymous((uint)i + 100);
            Assert.Equal(LookupAnswer.Scan, idle.Ask(1, leases: true));
            waited += fleet.Trusted("waiting").Ask(1, leases: true) == LookupAnswer.Wait ? 1 : 0;
            fleet.Trusted("waiting").Vote(1, VoteVerdict.Released);
            fleet.Time.Advance(fleet.Options.LeaseTime + TimeSpan.FromSeconds(1));
        }

        Assert.Equal(leases, waited);
    }

    [Fact]
    public async Task Whoever_let_a_lease_run_out_waits_for_another_that_scans()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Trusted("slow").Ask(1, leases: true);
        fleet.Time.Advance(fleet.Options.LeaseTime + TimeSpan.FromSeconds(1));
        fleet.Trusted("next").Ask(1, leases: true);

        Assert.Equal(LookupAnswer.Wait, fleet.Trusted("slow").Ask(1, leases: true));
    }

    [Fact]
    public async Task A_lease_that_is_given_back_goes_to_the_next()
    {
        await using Fleet fleet = new Fleet().With(1);
        Machine first = fleet.Trusted("first");
        first.Ask(1, leases: true);

        Assert.Equal(1, first.Vote(1, VoteVerdict.Released).Taken);

        Assert.Equal(LookupAnswer.Scan, fleet.Trusted("second").Ask(1, leases: true));
        Assert.Equal(LookupAnswer.Wait, first.Ask(1, leases: true));
    }

    [Fact]
    public async Task A_lease_is_given_back_only_by_its_holder()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Trusted("first").Ask(1, leases: true);

        fleet.Trusted("other").Vote(1, VoteVerdict.Released);

        Assert.Equal(LookupAnswer.Wait, fleet.Trusted("second").Ask(1, leases: true));
    }

    [Fact]
    public async Task A_client_that_was_restarted_goes_on_with_its_lease()
    {
        await using Fleet fleet = new Fleet().With(1);

        Assert.Equal([LookupAnswer.Scan, LookupAnswer.Scan], new[] { fleet.Trusted().Ask(1, leases: true), fleet.Trusted().Ask(1, leases: true) });
    }

    [Fact]
    public async Task Machines_that_share_credentials_wait_for_each_other()
    {
        await using Fleet fleet = new Fleet(static options => options.VoteThreshold = 1).With(1);

        Assert.Equal(
            [LookupAnswer.Scan, LookupAnswer.Wait],
            new[] { fleet.Client("all", machine: "a").Ask(1, leases: true), fleet.Client("all", machine: "b").Ask(1, leases: true) });
    }

    [Fact]
    public async Task Machines_whose_one_vote_is_not_enough_do_not_wait_for_each_other_in_vain()
    {
        await using Fleet fleet = new Fleet().With(1);

        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(LookupAnswer.Scan, fleet.Client("all", machine: $"{i}").Ask(1, leases: true)));
    }

    [Fact]
    public async Task Whoever_may_not_vote_gets_no_lease_and_holds_nobody_up()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Client("reader", ClientRoles.Ask).Ask(1, leases: true);

        Assert.Equal(LookupAnswer.Scan, fleet.Trusted().Ask(1, leases: true));
    }

    [Fact]
    public async Task A_full_table_of_votes_and_leases_costs_scans_and_nothing_else()
    {
        await using Fleet fleet = new Fleet(static options => options.Memory = "1MiB").With(1);
        Machine machine = fleet.Trusted();
        for (int i = 0; i < 10_000; i += 1000)
        {
            Assert.All(machine.Ask([.. Enumerable.Range(i, 1000)], leases: true), static answer => Assert.Equal(LookupAnswer.Scan, answer));
        }

        Assert.InRange(fleet.Store.Pending, 1, fleet.Store.PendingCapacity);
        Assert.Equal(1, machine.Vote(1).Accepted);
    }

    [Fact]
    public async Task Nobody_is_lent_a_content_whose_verdict_arrives_while_it_asks()
    {
        await using Fleet fleet = new Fleet(static options => options.Memory = "16MiB").With(1);
        Machine first = fleet.Trusted("first");
        Machine second = fleet.Trusted("second");
        for (int round = 0; round < 200; round++)
        {
            int[] contents = [.. Enumerable.Range(round * 256, 256)];
            first.Ask(contents, leases: true);
            Task voting = Task.Run(() => first.Vote(contents));

            LookupAnswer[] answers;
            do
            {
                answers = second.Ask(contents, leases: true);
                Assert.DoesNotContain(LookupAnswer.Scan, answers);
            }
            while (answers.Contains(LookupAnswer.Wait));

            await voting;
        }
    }
}
