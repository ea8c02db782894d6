namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

public class EarlyLossTests
{
    [Fact]
    public void A_million_slots_hold_95_percent_of_their_number_almost_without_loss()
    {
        using VerdictTable table = Tables.Make(39 << 20);
        int count = (int)(table.Capacity * 0.95);
        byte[] keys = Tables.Keys(count, seed: 5);

        for (int i = 0; i < count; i++)
        {
            table.Add(keys.AsSpan(i * VerdictTable.KeySize, VerdictTable.KeySize), 0, 0, Tables.Forever, 0);
        }

        long lost = count - table.CountFound(keys);
        Assert.InRange(table.Capacity, 1_000_000, 1_100_000);
        Assert.Equal((lost, count - lost), (table.Counters[TableEvent.EvictedForCapacity], table.Count));
        Assert.InRange(lost, 0, count / 10_000);
        Assert.InRange((double)table.Bytes / table.Count, 38, 41);
    }
}
