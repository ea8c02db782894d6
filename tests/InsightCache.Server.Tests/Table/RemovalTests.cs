namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

public abstract class RemovalTests(bool compact) : TableTests(compact)
{
    [Fact]
    public void A_pass_removes_what_a_rule_chooses_by_fingerprint_and_nothing_else()
    {
        using VerdictTable table = Make();
        HashSet<ulong> voted = [.. Enumerable.Range(0, 500).Select(i => table.Fingerprint(Tables.Key(i)))];
        for (int i = 0; i < 1000; i++)
        {
            table.Add(Tables.Key(i), (byte)(i % 3), 0, Tables.Forever, 0);
        }

        VotedRule rule = new(voted);
        long removed = 0;
        using (TablePass pass = table.BeginPass())
        {
            while (!pass.IsComplete)
            {
                removed += table.RemoveWhere(pass, 100, ref rule);
            }

            Assert.Equal(0, table.RemoveWhere(pass, 100, ref rule));
        }

        Assert.Equal((500, 500, 500, 1000), (removed, table.Count, table.Counters[TableEvent.Removed], rule.Seen));
        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal(i >= 500, table.Has(Tables.Key(i), (byte)(i % 3))));
    }

    [Fact]
    public void Entries_do_not_move_while_a_pass_lasts()
    {
        using VerdictTable table = Make(1 << 18);
        using TablePass pass = table.BeginPass();
        Fill(table);
        Assert.Equal(0, table.Counters[TableEvent.Relocated]);

        pass.Dispose();
        pass.Dispose();
        table.Clear();
        Fill(table);
        Assert.True(table.Counters[TableEvent.Relocated] > 0);

        static void Fill(VerdictTable table)
        {
            for (int i = 0; i < table.Capacity * 0.97; i++)
            {
                table.Add(Tables.Key(i), 0, 0, Tables.Forever, 0);
            }
        }
    }

    [Fact]
    public void A_rule_that_throws_leaves_no_bucket_locked()
    {
        using VerdictTable table = Make();
        table.Add(Tables.Key(1), 0, 0, Tables.Forever, 0);
        using TablePass pass = table.BeginPass();
        BrokenRule rule = default;

        Assert.Throws<InvalidOperationException>(() => table.RemoveWhere(pass, int.MaxValue, ref rule));

        Assert.Equal(AddResult.Unchanged, table.Add(Tables.Key(1), 0, 0, Tables.Forever, 0));
        Assert.True(table.Has(Tables.Key(1)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 100)]
    [InlineData(0.25, 250)]
    [InlineData(1, 1000)]
    public void The_oldest_share_is_what_expires_first(double share, int expected)
    {
        using VerdictTable table = Make();
        for (int i = 0; i < 1000; i++)
        {
            // Twenty in each hour, so that a share may end within one.
            table.Add(Tables.Key(i), 0, 0, (ushort)(100 + (i / 20)), 0);
        }

        Assert.Equal(expected, table.FreeOldest(share));

        Assert.Equal(1000 - expected, table.Count);
        Assert.Equal(expected, table.Counters[TableEvent.EvictedForCapacity]);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.True(table.Has(Tables.Key(i)) || i / 20 <= (expected - 1) / 20));
    }

    private struct VotedRule(HashSet<ulong> voted) : IEntryRule
    {
        public int Seen { get; private set; }

        public bool Matches(in StoredEntry entry)
        {
            Seen++;
            return voted.Contains(entry.Fingerprint);
        }
    }

    private readonly struct BrokenRule : IEntryRule
    {
        public bool Matches(in StoredEntry entry) => throw new InvalidOperationException();
    }
}

public sealed class FullKeysRemovalTests() : RemovalTests(compact: false);

public sealed class CompactKeysRemovalTests() : RemovalTests(compact: true);
