using System.Runtime.InteropServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Reads the entries of a bucket from its image, as <see cref="VerdictTable.CopyBuckets"/> made it: for a table of another size.</summary>
internal static class BucketImage
{
    /// <summary>Lists the entries of an image.</summary>
    /// <param name="bucket">The image, whose size tells how much is kept of keys. Whatever it holds, reading is safe.</param>
    public static Entries EntriesOf(ReadOnlySpan<byte> bucket) => bucket.Length switch
    {
        FullKeys.BucketSize => new(bucket, VerdictTable.KeySize, FullKeys.Ways),
        CompactKeys.BucketSize => new(bucket, CompactKeys.KeySize, CompactKeys.Ways),
        _ => throw new ArgumentException($"An image has {FullKeys.BucketSize} or {CompactKeys.BucketSize} bytes, not {bucket.Length}.", nameof(bucket)),
    };

    /// <summary>An entry of an image.</summary>
    internal readonly ref struct Entry(ReadOnlySpan<byte> key, byte lane, byte generation, ushort expiry)
    {
        /// <summary>Gets what is kept of the key.</summary>
        public ReadOnlySpan<byte> Key { get; } = key;

        /// <summary>Gets the lane.</summary>
        public byte Lane { get; } = lane;

        /// <summary>Gets the generation.</summary>
        public byte Generation { get; } = generation;

        /// <summary>Gets the expiry in hours.</summary>
        public ushort Expiry { get; } = expiry;
    }

    /// <summary>Goes through the ways that hold an entry.</summary>
    internal ref struct Entries(ReadOnlySpan<byte> bucket, int keySize, int ways)
    {
        private readonly ReadOnlySpan<byte> _bucket = bucket;
        private int _way = -1;

        /// <summary>Gets the entry at which it stands.</summary>
        public readonly Entry Current => new(
            _bucket.Slice(BucketLayout.Keys + (_way * keySize), keySize),
            _bucket[BucketLayout.Origins + (_way * sizeof(ushort))],
            _bucket[BucketLayout.Origins + (_way * sizeof(ushort)) + 1],
            MemoryMarshal.Read<ushort>(_bucket[(BucketLayout.Expiries + (_way * sizeof(ushort)))..]));

        public readonly Entries GetEnumerator() => this;

        public bool MoveNext()
        {
            while (++_way < ways)
            {
                if (_bucket[BucketLayout.Tags + _way] != 0)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
