namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

public sealed class SweepTests
{
    /// <summary>Enough for several slices of the table, and few enough that a loop over them ends.</summary>
    private const int ManySlices = 100;

    private static readonly int[] Contents = [.. Enumerable.Range(0, 2000)];

    [Fact]
    public async Task Verdicts_that_have_ended_are_taken_away_within_a_pass_and_then_nothing_is_looked_through_until_the_next_hour()
    {
        await using Fleet fleet = new Fleet(static options => options.TimeToLive = TimeSpan.FromHours(10)).With(1);
        fleet.Trusted().Vote(Contents);
        Assert.InRange(SweepAll(fleet), 2, ManySlices);
        Assert.Equal(Contents.Length, fleet.Store.Table.Count);
        Assert.False(fleet.Store.Sweep());

        fleet.Time.Advance(TimeSpan.FromHours(13));

        Assert.InRange(SweepAll(fleet), 2, ManySlices);
        Assert.Equal(0, fleet.Store.Table.Count);
        Assert.False(fleet.Store.Sweep());
    }

    /// <summary>Whatever part of the table the sweep is at when definitions are retired, or whether it rests, it goes on until it has seen all of it since.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(ManySlices)]
    public async Task Verdicts_of_retired_definitions_are_taken_away_wherever_the_sweep_was(int slicesBefore)
    {
        await using Fleet fleet = new Fleet(static options => options.Definitions.GenerationsKept = 1).With(1);
        fleet.Trusted().Vote(Contents);
        for (int slice = 0; slice < slicesBefore; slice++)
        {
            fleet.Store.Sweep();
        }

        fleet.With(2);
        SweepAll(fleet);

        Assert.Equal(0, fleet.Store.Table.Count);
    }

    private static int SweepAll(Fleet fleet)
    {
        int slices = 0;
        while (slices <= ManySlices && fleet.Store.Sweep())
        {
            slices++;
        }

        return slices;
    }
}
