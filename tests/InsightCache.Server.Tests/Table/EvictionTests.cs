namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>What evictions cost in hits.</summary>
public class EvictionTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_full_table_keeps_what_is_asked_for_as_S3_FIFO_does_and_better_than_oldest_first(double sizes)
    {
        int capacity = (int)(sizes * FleetScans.Shared);
        using TableCache table = new(capacity);

        double ours = FleetScans.HitPercentage(table);
        double s3 = FleetScans.HitPercentage(new S3Fifo(capacity));
        double oldest = FleetScans.HitPercentage(new OldestFirst(capacity));

        string figures = $"table {ours:0.0} %, S3-FIFO {s3:0.0} %, oldest first {oldest:0.0} %";
        Assert.True(ours >= s3 - 1, figures);
        Assert.True(ours >= oldest + 6, figures);
    }
}
