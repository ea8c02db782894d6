using System.Security.Cryptography;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

public class SnapshotTests
{
    [Fact]
    public void Images_restore_a_table_of_the_same_size_bit_by_bit()
    {
        using VerdictTable table = Filled(0.97);
        using VerdictTable restored = Tables.Make(table.Bytes);
        byte[] images = Images.Of(table);

        // In pieces and from the end, as a reader may that works with several threads.
        const int Piece = 7 * VerdictTable.BucketSize;
        for (int at = (images.Length - 1) / Piece * Piece; at >= 0; at -= Piece)
        {
            restored.RestoreBuckets(at / VerdictTable.BucketSize, images.AsSpan(at, Math.Min(Piece, images.Length - at)));
        }

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
        using VerdictTable restored = Tables.Make((long)(table.Bytes * factor));

        foreach ((string key, byte lane, byte generation, ushort expiry) in Images.EntriesOf(table))
        {
            byte[] bytes = Convert.FromHexString(key);
            restored.Prepare(bytes, lane);
            Assert.Equal(AddResult.Added, restored.Add(bytes, lane, generation, expiry, 0));
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
        for (int at = 0; at < mixed.Length; at += 2 * VerdictTable.BucketSize)
        {
            earlier.AsSpan(at, VerdictTable.BucketSize).CopyTo(mixed.AsSpan(at));
        }

        using VerdictTable restored = Tables.Make(table.Bytes);
        restored.RestoreBuckets(0, mixed);
        List<(string Key, byte Lane, byte Generation, ushort Expiry)> entries = Images.EntriesOf(restored);
        Assert.True(table.Counters[TableEvent.Relocated] > 0);
        Assert.All(entries, entry => Assert.True(restored.Has(Convert.FromHexString(entry.Key), 0, entry.Generation)));

        Assert.All(entries.Select(static entry => entry.Key).Distinct(), key => Assert.True(restored.Remove(Convert.FromHexString(key), 0)));

        Assert.Equal(0, restored.Count);
        Assert.All(Images.SpilledOf(restored), static spilled => Assert.Equal(0, spilled));
    }

    [Fact]
    public void Any_bytes_are_an_image_that_harms_nobody_else()
    {
        using VerdictTable table = Tables.Make(1 << 16);
        byte[] noise = new byte[(table.BucketCount / 2) * VerdictTable.BucketSize];
        new Random(7).NextBytes(noise);
        table.RestoreBuckets(0, noise);

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

    [Theory]
    [InlineData("not whole images", 0, 575)]
    [InlineData("before the first", -1, 576)]
    [InlineData("behind the last", 113, 576)]
    [InlineData("across the end", 112, 1152)]
    public void Images_that_are_not_of_this_table_are_refused(string because, long first, int size)
    {
        using VerdictTable table = Tables.Make(1 << 16);
        Assert.Equal(113, table.BucketCount);

        Assert.Throws<ArgumentException>(() => table.RestoreBuckets(first, new byte[size]));
        Assert.Throws<ArgumentException>(() => table.CopyBuckets(first, new byte[size]));
        Assert.NotEmpty(because);
    }

    [Fact]
    public void A_secret_is_32_bytes_and_decides_the_fingerprints()
    {
        TableSecret one = new(SHA256.HashData([1]));

        Assert.Equal(one.Fingerprint(Tables.Key(1)), new TableSecret(one.Bytes).Fingerprint(Tables.Key(1)));
        Assert.NotEqual(one.Fingerprint(Tables.Key(1)), TableSecret.Create().Fingerprint(Tables.Key(1)));
        Assert.NotEqual(one.Fingerprint(Tables.Key(1)), one.Fingerprint(Tables.Key(2)));
        Assert.Throws<ArgumentException>(static () => new TableSecret(new byte[16]));
    }

    private static VerdictTable Filled(double load)
    {
        VerdictTable table = Tables.Make();
        byte[] keys = Tables.Keys((int)table.Capacity, seed: 1);
        for (int i = 0; i < (int)(table.Capacity * load); i++)
        {
            table.Add(keys.AsSpan(i * 32, 32), 0, 0, Tables.Forever, 0);
        }

        return table;
    }
}
