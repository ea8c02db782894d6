namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

public abstract class SnapshotTests(bool compact) : TableTests(compact)
{
    [Fact]
    public void Images_restore_a_table_of_the_same_size_bit_by_bit()
    {
        using VerdictTable table = Filled(0.97);
        using VerdictTable restored = Make(table.Bytes);
        using RestoredSpills spills = new(table.BucketCount);
        byte[] images = Images.Of(table);

        // In pieces and from the end, as a reader may that works with several threads.
        int piece = 7 * table.BucketSize;
        for (int at = (images.Length - 1) / piece * piece; at >= 0; at -= piece)
        {
            byte[] part = images[at..Math.Min(at + piece, images.Length)];
            restored.RestoreBuckets(at / table.BucketSize, part.Length / table.BucketSize, spills, part.CopyTo);
        }

        restored.RestoreSpills(0, (int)table.BucketCount, spills);

        Assert.Equal(images, Images.Of(restored));
        Assert.Equal((table.Count, table.Count), (restored.Count, restored.Counters[TableEvent.Restored]));
        byte[] keys = Tables.Keys((int)table.Capacity, seed: 1);
        Assert.Equal(table.CountFound(keys), restored.CountFound(keys));
    }

    [Theory]
    [InlineData(2.0)]
    [InlineData(1.3)]
    public void Entries_of_images_restore_a_table_of_another_size(double factor)
    {
        using VerdictTable table = Filled(0.9);
        using VerdictTable restored = Make((long)(table.Bytes * factor));

        foreach ((string key, byte lane, byte generation, ushort expiry) in Images.EntriesOf(table))
        {
            byte[] bytes = Convert.FromHexString(key);
            restored.Prepare(bytes, lane);
            Assert.Equal(AddResult.Added, restored.AddKept(bytes, lane, generation, expiry, 0));
        }

        Assert.Equal(Images.EntriesOf(table).Order(), Images.EntriesOf(restored).Order());
    }

    [Fact]
    public void A_key_that_was_copied_twice_on_its_way_between_buckets_is_removed_from_both()
    {
        using VerdictTable table = Filled(0.97);
        byte[] earlier = Images.Of(table);
        byte[] more = Tables.Keys(100, seed: 2);
        for (int i = 0; i < 100; i++)
        {
            table.Add(more.AsSpan(i * 32, 32), 0, 0, Tables.Forever, 0);
        }

        // Half of the buckets as they were before entries moved, half as they were afterwards.
        byte[] mixed = Images.Of(table);
        for (int at = 0; at < mixed.Length; at += 2 * table.BucketSize)
        {
            earlier.AsSpan(at, table.BucketSize).CopyTo(mixed.AsSpan(at));
        }

        using VerdictTable restored = Make(table.Bytes);
        Images.Restore(restored, mixed);
        List<(string Key, byte Lane, byte Generation, ushort Expiry)> entries = Images.EntriesOf(restored);
        Assert.True(table.Counters[TableEvent.Relocated] > 0);
        byte[][] keys = [.. Tables.Keys((int)table.Capacity, seed: 1).Concat(more).Chunk(32)];
        byte[][] present = [.. keys.Where(key => restored.Has(key))];
        Assert.Equal(entries.Select(static entry => entry.Key).Distinct().Order(), present.Select(key => Images.KeptOf(restored, key)).Order());

        Assert.All(present, key => Assert.True(restored.Remove(key, 0)));

        Assert.Equal(0, restored.Count);
        Assert.All(Images.SpilledOf(restored), static spilled => Assert.Equal(0, spilled));
    }

    [Fact]
    public void Any_bytes_are_an_image_that_harms_nobody_else()
    {
        using VerdictTable table = Make(1 << 16);
        byte[] noise = new byte[(table.BucketCount / 2) * table.BucketSize];
        new Random(7).NextBytes(noise);
        Images.Restore(table, noise);

        byte[] keys = Tables.Keys(5000, seed: 3);
        for (int i = 0; i < 5000; i++)
        {
            table.Add(keys.AsSpan(i * 32, 32), 0, 0, Tables.Forever, 0);
            table.Remove(keys.AsSpan(i / 2 * 32, 32), 0);
        }

        _ = table.CountFound(keys);
        table.Clear();
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void Counts_of_a_table_of_another_size_are_refused()
    {
        using VerdictTable table = Make(1 << 16);
        using RestoredSpills spills = new(table.BucketCount - 1);

        Assert.Throws<ArgumentException>(() => table.RestoreBuckets(0, 1, spills, static _ => Assert.Fail("Something was to be read.")));
        Assert.Throws<ArgumentException>(() => table.RestoreSpills(0, 1, spills));
    }

    [Fact]
    public void Of_images_that_cannot_be_read_to_their_end_nothing_stays()
    {
        using VerdictTable table = Filled(0.5);
        using VerdictTable restored = Make(table.Bytes);
        using RestoredSpills spills = new(table.BucketCount);
        byte[] images = Images.Of(table);

        Assert.Throws<EndOfStreamException>(() => restored.RestoreBuckets(0, (int)table.BucketCount, spills, read =>
        {
            images.AsSpan(0, images.Length / 2).CopyTo(read);
            throw new EndOfStreamException();
        }));

        Assert.Equal(0, restored.Count);
        Assert.All(Images.Of(restored), static part => Assert.Equal(0, part));
    }

    [Theory]
    [InlineData("not whole images", 0, false, 0.5)]
    [InlineData("before the first", -1, false, 1)]
    [InlineData("behind the last", 0, true, 1)]
    [InlineData("across the end", -1, true, 2)]
    public void Images_that_are_not_of_this_table_are_refused(string because, long first, bool fromEnd, double images)
    {
        using VerdictTable table = Make(1 << 16);
        first += fromEnd ? table.BucketCount : 0;
        int size = (int)(images * table.BucketSize);

        Assert.Throws<ArgumentException>(() => table.CopyBuckets(first, new byte[size]));
        Assert.NotEmpty(because);
    }

    [Theory]
    [InlineData("less than none", 0, false, -1)]
    [InlineData("before the first", -1, false, 1)]
    [InlineData("behind the last", 0, true, 1)]
    [InlineData("across the end", -1, true, 2)]
    public void Nothing_is_read_to_where_the_table_has_no_buckets(string because, long first, bool fromEnd, int count)
    {
        using VerdictTable table = Make(1 << 16);
        using RestoredSpills spills = new(table.BucketCount);
        first += fromEnd ? table.BucketCount : 0;

        Assert.Throws<ArgumentException>(() => table.RestoreBuckets(first, count, spills, static _ => Assert.Fail("Something was to be read.")));
        Assert.Throws<ArgumentException>(() => table.RestoreSpills(first, count, spills));
        Assert.NotEmpty(because);
    }

    [Fact]
    public void A_secret_is_32_bytes_and_decides_the_fingerprints()
    {
        using VerdictTable one = Make();
        using VerdictTable same = Make();
        using VerdictTable other = VerdictTable.Create(1 << 16, TableSecret.Create(), !one.KnowsKeys);

        Assert.Equal(one.Fingerprint(Tables.Key(1)), same.Fingerprint(Tables.Key(1)));
        Assert.NotEqual(one.Fingerprint(Tables.Key(1)), other.Fingerprint(Tables.Key(1)));
        Assert.NotEqual(one.Fingerprint(Tables.Key(1)), one.Fingerprint(Tables.Key(2)));
        Assert.Throws<ArgumentException>(static () => new TableSecret(new byte[16]));
    }

    private VerdictTable Filled(double load)
    {
        VerdictTable table = Make();
        byte[] keys = Tables.Keys((int)table.Capacity, seed: 1);
        for (int i = 0; i < (int)(table.Capacity * load); i++)
        {
            table.Add(keys.AsSpan(i * 32, 32), 0, 0, Tables.Forever, 0);
        }

        return table;
    }
}

public sealed class FullKeysImageTests() : SnapshotTests(compact: false);

public sealed class CompactKeysImageTests() : SnapshotTests(compact: true);
