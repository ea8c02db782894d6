namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>Looks into a table by the images of its buckets.</summary>
internal static class Images
{
    public static byte[] Of(VerdictTable table)
    {
        byte[] images = new byte[table.BucketCount * VerdictTable.BucketSize];
        table.CopyBuckets(0, images);
        return images;
    }

    public static List<(string Key, byte Lane, byte Generation, ushort Expiry)> EntriesOf(VerdictTable table)
    {
        List<(string, byte, byte, ushort)> entries = [];
        byte[] images = Of(table);
        for (int at = 0; at < images.Length; at += VerdictTable.BucketSize)
        {
            foreach (BucketImage.Entry entry in BucketImage.EntriesOf(images.AsSpan(at, VerdictTable.BucketSize)))
            {
                entries.Add((Convert.ToHexStringLower(entry.Key), entry.Lane, entry.Generation, entry.Expiry));
            }
        }

        return entries;
    }

    public static IEnumerable<byte> SpilledOf(VerdictTable table) => Of(table).Where(static (_, at) => at % VerdictTable.BucketSize == Bucket.At.Spilled);
}
