namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

public abstract class VerdictTableTests(bool compact) : TableTests(compact)
{
    [Fact]
    public void What_was_added_is_found_and_nothing_else()
    {
        using VerdictTable table = Make();

        Assert.Equal(AddResult.Added, table.Add(Tables.Key(1), 0, 0, Tables.Forever, 0));

        Assert.True(table.Has(Tables.Key(1)));
        Assert.False(table.Has(Tables.Key(2)));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void One_differing_bit_is_another_key()
    {
        using VerdictTable table = Make();
        byte[] key = Tables.Key(1);
        table.Add(key, 0, 0, Tables.Forever, 0);

        for (int bit = 0; bit < 256; bit++)
        {
            key[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(table.Has(key));
            key[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_key_in_two_lanes_is_two_entries()
    {
        using VerdictTable table = Make();
        table.Add(Tables.Key(1), 3, 0, Tables.Forever, 0);
        Assert.False(table.Has(Tables.Key(1), lane: 4));

        Assert.Equal(AddResult.Added, table.Add(Tables.Key(1), 4, 1, Tables.Forever, 0));

        Assert.Equal((true, true, 2), (table.Has(Tables.Key(1), 3, 0), table.Has(Tables.Key(1), 4, 1), table.Count));
        Assert.True(table.Remove(Tables.Key(1), 3));
        Assert.Equal((false, true, 1), (table.Has(Tables.Key(1), 3, 0), table.Has(Tables.Key(1), 4, 1), table.Count));
        Assert.False(table.Remove(Tables.Key(1), 3));
    }

    [Theory]
    [InlineData("the only one", 7, 7, 7, true)]
    [InlineData("older", 7, 8, 9, false)]
    [InlineData("newer", 7, 5, 6, false)]
    [InlineData("the oldest of several", 7, 7, 9, true)]
    [InlineData("the newest of several", 7, 5, 7, true)]
    [InlineData("behind the wrap", 1, 254, 2, true)]
    [InlineData("before the wrap", 255, 254, 2, true)]
    [InlineData("outside a range that wraps", 100, 254, 2, false)]
    [InlineData("just behind a range that wraps", 3, 254, 2, false)]
    public void Generations_are_accepted_modulo_256(string because, byte generation, byte oldest, byte newest, bool expected)
    {
        using VerdictTable table = Make();
        table.SetAlive(0, generation, true);
        table.Add(Tables.Key(1), 0, generation, Tables.Forever, 0);

        Assert.True(expected == table.Has(Tables.Key(1), new AcceptedGenerations(0, oldest, newest, newest)), because);
    }

    [Theory]
    [InlineData("of the current generation", 2, false)]
    [InlineData("older, across the wrap", 254, true)]
    [InlineData("newer than the current one", 3, false)]
    public void Found_but_older_than_current_is_aged(string because, byte generation, bool expected)
    {
        using VerdictTable table = Make();
        table.SetAlive(0, generation, true);
        table.Add(Tables.Key(1), 0, generation, Tables.Forever, 0);
        byte[] found = [0];
        byte[] aged = [0];

        table.Find(Tables.Key(1), new AcceptedGenerations(0, Oldest: 250, Newest: 3, Current: 2), 0, found, aged, default);

        Assert.Equal(1, found[0]);
        Assert.True(aged[0] == (expected ? 1 : 0), because);
    }

    [Theory]
    [InlineData("a later expiry", 0, 200, nameof(AddResult.Renewed), 0, 200)]
    [InlineData("the same again", 0, 100, nameof(AddResult.Unchanged), 0, 100)]
    [InlineData("an earlier expiry", 0, 50, nameof(AddResult.Unchanged), 0, 100)]
    [InlineData("a newer generation, whatever its expiry", 1, 50, nameof(AddResult.Renewed), 1, 50)]
    [InlineData("an older generation, whatever its expiry", 255, 200, nameof(AddResult.Older), 0, 100)]
    [InlineData("a generation that is not alive", 9, 200, nameof(AddResult.Dead), 0, 100)]
    [InlineData("an expiry that has passed", 1, 10, nameof(AddResult.Dead), 0, 100)]
    public void What_is_newer_wins(string because, byte generation, ushort expiry, string expected, byte keptGeneration, ushort keptExpiry)
    {
        using VerdictTable table = Make();
        table.SetAlive(0, 255, true);
        table.Add(Tables.Key(1), 0, 0, 100, 10);

        Assert.True(expected == table.Add(Tables.Key(1), 0, generation, expiry, 10).ToString(), because);

        Assert.True(table.Has(Tables.Key(1), 0, keptGeneration, (ushort)(keptExpiry - 1)));
        Assert.False(table.Has(Tables.Key(1), 0, keptGeneration, keptExpiry));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void An_older_generation_replaces_a_newer_one_that_is_dead()
    {
        using VerdictTable table = Make();
        table.Add(Tables.Key(1), 0, 1, Tables.Forever, 0);
        table.SetAlive(0, 1, false);

        Assert.Equal(AddResult.Renewed, table.Add(Tables.Key(1), 0, 0, Tables.Forever, 0));
        Assert.True(table.Has(Tables.Key(1), 0, 0));
    }

    [Fact]
    public void An_expired_entry_is_not_found_and_then_swept()
    {
        using VerdictTable table = Make();
        table.Add(Tables.Key(1), 0, 0, 100, 0);
        table.Add(Tables.Key(2), 0, 0, 101, 0);

        Assert.Equal((true, false), (table.Has(Tables.Key(1), hour: 99), table.Has(Tables.Key(1), hour: 100)));
        Assert.Equal(1, table.SweepAll(100));
        Assert.Equal((1, 1), (table.Count, table.Counters[TableEvent.Expired]));
    }

    /// <summary>Readers of a swept table look at no expiry, so none may be left or come that is not later.</summary>
    [Fact]
    public void A_swept_hour_lets_nothing_in_that_expires_by_then_however_late_its_writer_comes()
    {
        using VerdictTable table = Make();
        table.SweepAll(100);

        Assert.Equal(AddResult.Dead, table.Add(Tables.Key(1), 0, 0, 100, 99));
        Assert.Equal(AddResult.Added, table.Add(Tables.Key(2), 0, 0, 101, 99));
        Assert.Equal((true, false), (table.Has(Tables.Key(2), hour: 100), table.Has(Tables.Key(2), hour: 101)));
    }

    [Fact]
    public void After_a_clock_was_set_back_entries_expire_by_the_new_time()
    {
        using VerdictTable table = Make();
        table.SweepAll(100);
        table.SweepAll(50);

        Assert.Equal(AddResult.Added, table.Add(Tables.Key(1), 0, 0, 60, 50));
        Assert.Equal((true, false), (table.Has(Tables.Key(1), hour: 59), table.Has(Tables.Key(1), hour: 60)));
    }

    [Fact]
    public void A_pass_whose_hour_changed_on_the_way_does_not_vouch_for_either_hour()
    {
        using VerdictTable table = Make();
        table.Add(Tables.Key(1), 0, 0, 100, 0);
        SweepPosition position = default;
        for (long left = table.BucketCount; left > 0; left--)
        {
            // The bucket of the entry is passed at an hour at which it lives.
            table.Sweep(ref position, 1, (ushort)(left > 1 ? 99 : 100));
        }

        Assert.Equal((true, false), (table.Has(Tables.Key(1), hour: 99), table.Has(Tables.Key(1), hour: 100)));
    }

    [Fact]
    public void What_an_image_brings_is_looked_at_although_the_table_was_swept()
    {
        using VerdictTable source = Make();
        using VerdictTable table = Make();
        source.Add(Tables.Key(1), 0, 0, 100, 0);
        table.SweepAll(100);

        Images.Restore(table, Images.Of(source));

        Assert.Equal((true, false), (table.Has(Tables.Key(1), hour: 99), table.Has(Tables.Key(1), hour: 100)));
    }

    [Fact]
    public void A_retired_generation_is_swept_and_the_others_stay()
    {
        using VerdictTable table = Make();
        for (int i = 0; i < 10_000; i++)
        {
            table.Add(Tables.Key(i), 0, (byte)(i & 1), Tables.Forever, 0);
        }

        table.SetAlive(0, 0, false);

        Assert.Equal(AddResult.Dead, table.Add(Tables.Key(-1), 0, 0, Tables.Forever, 0));
        Assert.Equal(5000, table.SweepAll(0));
        Assert.Equal((5000, 5000), (table.Count, table.Counters[TableEvent.Retired]));
        Assert.All(Enumerable.Range(0, 10_000), i => Assert.Equal((i & 1) == 1, table.Has(Tables.Key(i), new AcceptedGenerations(0, 0, 1, 1))));
    }

    [Fact]
    public void A_sweep_goes_on_where_it_stopped()
    {
        using VerdictTable table = Make();
        for (int i = 0; i < 1000; i++)
        {
            table.Add(Tables.Key(i), 0, 0, 10, 0);
        }

        SweepPosition position = default;
        long swept = 0;
        int slices = 0;
        do
        {
            swept += table.Sweep(ref position, 100, 10);
            slices++;
        }
        while (position.Bucket != 0);

        Assert.Equal((1000L, (table.BucketCount + 99) / 100), (swept, (long)slices));
    }

    [Theory]
    [InlineData(65_536)]
    [InlineData(100_000)]
    [InlineData(5_000_000)]
    public void The_table_takes_whole_pages_of_its_budget_and_wastes_less_than_a_bucket(long budget)
    {
        using VerdictTable table = Make(budget);

        Assert.InRange(table.Bytes, budget - Environment.SystemPageSize + 1, budget);
        Assert.InRange(table.BucketCount * table.BucketSize, table.Bytes - table.BucketSize + 1, table.Bytes);
        Assert.Equal((table.BucketCount * table.Ways, 0), (table.Capacity, table.Count));
    }

    [Fact]
    public void A_budget_that_cannot_be_had_is_said_so()
    {
        Assert.Equal("bytes", Assert.Throws<ArgumentOutOfRangeException>(() => Make(1000)).ParamName);
        Assert.Contains("smaller budget", Assert.Throws<InsufficientMemoryException>(() => Make(long.MaxValue)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_table_refuses_all_calls()
    {
        VerdictTable table = Make();
        table.Dispose();
        table.Dispose();

        Assert.Throws<ObjectDisposedException>(() => table.Has(Tables.Key(1)));
        Assert.Throws<ObjectDisposedException>(() => table.Add(Tables.Key(1), 0, 0, Tables.Forever, 0));
        Assert.Throws<ObjectDisposedException>(() => table.Remove(Tables.Key(1), 0));
        Assert.Throws<ObjectDisposedException>(() => table.SweepAll(0));
        Assert.Throws<ObjectDisposedException>(() => table.CopyBuckets(0, new byte[table.BucketSize]));
    }

    [Theory]
    [InlineData("half a key", 48, 1, 0, 0)]
    [InlineData("more keys than a batch", 4097 * 32, 513, 0, 0)]
    [InlineData("too few bits for what is found", 9 * 32, 1, 0, 0)]
    [InlineData("too few bits for what is aged", 9 * 32, 2, 1, 0)]
    [InlineData("too few fingerprints", 9 * 32, 2, 2, 8)]
    public void Spans_of_a_wrong_size_are_refused(string because, int keys, int found, int aged, int fingerprints)
    {
        using VerdictTable table = Make();

        Assert.ThrowsAny<ArgumentException>(() => table.Find(new byte[keys], default, 0, new byte[found], new byte[aged], new ulong[fingerprints]));
        Assert.NotEmpty(because);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1001)]
    [InlineData(4096)]
    public void A_batch_answers_as_its_keys_do_alone(int count)
    {
        using VerdictTable table = Make();
        for (int i = 0; i < count; i += 3)
        {
            table.Add(Tables.Key(i), 0, (byte)(i & 1), Tables.Forever, 0);
        }

        byte[] keys = [.. Enumerable.Range(0, count).SelectMany(static i => Tables.Key(i))];
        byte[] found = Enumerable.Repeat((byte)0xFF, ((count + 7) / 8) + 1).ToArray();
        byte[] aged = [.. found];
        ulong[] fingerprints = new ulong[count];

        table.Find(keys, new AcceptedGenerations(0, 0, 1, 1), 0, found, aged, fingerprints);

        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i % 3 == 0, (found[i / 8] >> (i % 8) & 1) == 1);
            Assert.Equal(i % 3 == 0 && (i & 1) == 0, (aged[i / 8] >> (i % 8) & 1) == 1);
            Assert.Equal(table.Fingerprint(Tables.Key(i)), fingerprints[i]);
        }

        Assert.Equal(0xFF, found[^1]);
        Assert.True(count % 8 == 0 || found[^2] >> (count % 8) == 0);
    }
}

public sealed class FullKeysTableTests() : VerdictTableTests(compact: false);

public sealed class CompactKeysTableTests() : VerdictTableTests(compact: true);
