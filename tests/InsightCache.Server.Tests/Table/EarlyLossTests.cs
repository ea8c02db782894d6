namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

public class EarlyLossTests
{
    [Theory]
    [InlineData("whole keys", false, 39, 38, 41)]
    [InlineData("compact keys", true, 23, 23, 25)]
    public void A_million_slots_hold_95_percent_of_their_number_almost_without_loss(string what, bool compact, int mebibytes, double least, double most)
    {
        using VerdictTable table = Tables.Make((long)mebibytes << 20, compact);
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
        Assert.InRange((double)table.Bytes / table.Count, least, most);
        Assert.NotEmpty(what);
    }
}
