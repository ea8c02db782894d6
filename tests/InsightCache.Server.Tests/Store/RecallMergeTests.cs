using System.Collections.Immutable;
using FsCheck.Xunit;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

/// <summary>Laws of recalls that servers reach apart: whichever of two comes first, all end with the same, and nothing is lost that takes a verdict away.</summary>
public sealed class RecallMergeTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);

    [Property]
    public void Two_states_join_to_the_same_in_either_order(byte one, byte other, byte times)
    {
        Recall a = State(one, times & 15);
        Recall b = State(other, times >> 4);

        Recall joined = Recall.Join(a, b, quorum: 2);

        Assert.True(joined.SaysTheSameAs(Recall.Join(b, a, quorum: 2)));
        Assert.True(joined.SaysTheSameAs(Recall.Join(joined, a, quorum: 2)) && joined.SaysTheSameAs(Recall.Join(joined, b, quorum: 2)));
    }

    [Fact]
    public async Task Only_a_later_lifting_lifts_and_only_a_later_report_recalls_again()
    {
        await using Fleet fleet = new();
        DateTimeOffset now = fleet.Store.Clock.Now;
        Recall recall = Permanent(now);

        fleet.Store.Recalls.Merge(recall);
        Assert.False(fleet.Store.Recalls.Merge(recall with { Lifted = true, Changed = now.AddSeconds(-1) }));
        Assert.True(fleet.Store.Recalls.Contains("default", Fleet.Content(1)));
        Assert.True(fleet.Store.Recalls.Merge(recall with { Lifted = true, Changed = now.AddSeconds(1) }));
        Assert.False(fleet.Store.Recalls.Merge(recall));
        Assert.False(fleet.Store.Recalls.Contains("default", Fleet.Content(1)));
        Assert.True(fleet.Store.Recalls.Merge(recall with { Changed = now.AddSeconds(2) }));
        Assert.True(fleet.Store.Recalls.Contains("default", Fleet.Content(1)));
    }

    [Fact]
    public async Task A_recall_of_another_server_takes_the_verdict_away_and_is_a_change_for_clients()
    {
        await using Fleet fleet = new Fleet().With(1);
        fleet.Trusted().Vote(1);
        long epoch = fleet.Store.Recalls.Epoch;

        fleet.Store.Recalls.Merge(Permanent(fleet.Store.Clock.Now));
        fleet.Store.Recalls.Merge(Permanent(fleet.Store.Clock.Now));

        Assert.Equal(Protocol.LookupAnswer.Scan, fleet.Client("x").Ask(1));
        Assert.Equal((epoch + 1, Fleet.Content(1)), (fleet.Store.Recalls.Epoch, Assert.Single(fleet.Store.Recalls.Since("default", epoch).Recalled)));
    }

    [Fact]
    public async Task A_change_is_later_than_what_it_changes_under_a_clock_that_is_behind()
    {
        await using Fleet fleet = new();
        DateTimeOffset ahead = fleet.Store.Clock.Now.AddSeconds(30);
        fleet.Store.Recalls.Merge(Permanent(ahead));

        fleet.Store.Recalls.Lift("default", Fleet.Content(1));

        Assert.True(fleet.Store.Recalls.LastChange("default", Fleet.Content(1)) > ahead);
    }

    private static Recall Permanent(DateTimeOffset changed) => new() { Epoch = 0, Tenant = "default", Hash = Fleet.Content(1), Permanent = true, Changed = changed };

    private static Recall State(byte bits, int time) => new()
    {
        Epoch = 0,
        Tenant = "default",
        Hash = default(ContentHash),
        Permanent = (bits & 1) != 0,
        Lifted = (bits & 6) == 6,
        Until = Start.AddSeconds((bits >> 3) & 7),
        Threat = (bits & 64) != 0 ? "A" : (bits & 128) != 0 ? "B" : null,
        Reported = Start.AddSeconds(time / 2),
        Reporters = (bits & 16) != 0 ? [1] : (bits & 32) != 0 ? [0, 2] : ImmutableArray<uint>.Empty,
        Changed = Start.AddSeconds(time),
    };
}
