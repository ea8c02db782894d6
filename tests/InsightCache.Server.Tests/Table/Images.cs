namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>Looks into a table by the images of its buckets.</summary>
internal static class Images
{
    public static byte[] Of(VerdictTable table)
    {
        byte[] images = new byte[table.BucketCount * table.BucketSize];
        table.CopyBuckets(0, images);
        return images;
    }

    /// <summary>Puts images of all buckets back.</summary>
    public static void Restore(VerdictTable table, byte[] images)
    {
        using RestoredSpills spills = new(table.BucketCount);
        table.RestoreBuckets(0, images.Length / table.BucketSize, spills, images.CopyTo);
        table.RestoreSpills(0, (int)table.BucketCount, spills);
    }

    public static List<(string Key, byte Lane, byte Generation, ushort Expiry)> EntriesOf(VerdictTable table)
    {
        List<(string, byte, byte, ushort)> entries = [];
        byte[] images = Of(table);
        for (int at = 0; at < images.Length; at += table.BucketSize)
        {
            foreach (BucketImage.Entry entry in BucketImage.EntriesOf(images.AsSpan(at, table.BucketSize)))
            {
                entries.Add((Convert.ToHexStringLower(entry.Key), entry.Lane, entry.Generation, entry.Expiry));
            }
        }

        return entries;
    }

    /// <summary>What a table of <see cref="Tables.Make"/> keeps of a key, as <see cref="EntriesOf"/> tells it.</summary>
    public static string KeptOf(VerdictTable table, byte[] key)
    {
        using VerdictTable same = Tables.Make(Environment.SystemPageSize, !table.KnowsKeys);
        same.Add(key, 0, 0, Tables.Forever, 0);
        return EntriesOf(same)[0].Key;
    }

    public static IEnumerable<byte> SpilledOf(VerdictTable table) => Of(table).Where((_, at) => at % table.BucketSize == BucketLayout.Spilled);
}
