using System.Runtime.InteropServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Reads the entries of a bucket from its image, as <see cref="VerdictTable.CopyBuckets"/> made it: for a table of another size.</summary>
internal static class BucketImage
{
    /// <summary>Lists the entries of an image.</summary>
    /// <param name="bucket">The image: 576 bytes. Whatever they are, reading is safe.</param>
    public static Entries EntriesOf(ReadOnlySpan<byte> bucket)
        => bucket.Length == Bucket.Size ? new(bucket) : throw new ArgumentException($"An image has {Bucket.Size} bytes, not {bucket.Length}.", nameof(bucket));

    /// <summary>An entry of an image.</summary>
    internal readonly ref struct Entry(ReadOnlySpan<byte> key, byte lane, byte generation, ushort expiry)
    {
        /// <summary>Gets the key: 32 bytes of the image.</summary>
        public ReadOnlySpan<byte> Key { get; } = key;

        /// <summary>Gets the lane.</summary>
        public byte Lane { get; } = lane;

        /// <summary>Gets the generation.</summary>
        public byte Generation { get; } = generation;

        /// <summary>Gets the expiry in hours.</summary>
        public ushort Expiry { get; } = expiry;
    }

    /// <summary>Goes through the ways that hold an entry.</summary>
    internal ref struct Entries(ReadOnlySpan<byte> bucket)
    {
        private readonly ReadOnlySpan<byte> _bucket = bucket;
        private int _way = -1;

        /// <summary>Gets the entry at which it stands.</summary>
        public readonly Entry Current => new(
            _bucket.Slice(Bucket.At.Keys + (_way * Bucket.KeySize), Bucket.KeySize),
            _bucket[Bucket.At.Origins + (_way * sizeof(ushort))],
            _bucket[Bucket.At.Origins + (_way * sizeof(ushort)) + 1],
            MemoryMarshal.Read<ushort>(_bucket[(Bucket.At.Expiries + (_way * sizeof(ushort)))..]));

        public readonly Entries GetEnumerator() => this;

        public bool MoveNext()
        {
            while (++_way < Bucket.Ways)
            {
                if (_bucket[Bucket.At.Tags + _way] != 0)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
