using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The table as pieces of a snapshot: its buckets as they are, which are read back at the speed of the disk, or its entries one by one while it is mostly empty.</summary>
internal sealed class SnapshotTable(VerdictStore store)
{
    /// <summary>A number of entries that is not known yet; as wide in the header as any that may come.</summary>
    private const long Unknown = 1_000_000_000_000_000_000;

    /// <summary>How many entries, or whole buckets of them, ahead of the one that is added memory is asked for.</summary>
    private const int EntriesAhead = 16;
    private const int BucketsAhead = 1;

    /// <summary>How many threads read at most: each may need memory for a piece.</summary>
    private const int MaxReaders = 4;

    private readonly int _bucketSize = store.Table.BucketSize;
    private readonly int _keySize = store.Table.KeptSize;

    /// <summary>What is kept of the key, lane, generation, 2 bytes expiry.</summary>
    private readonly int _entrySize = store.Table.KeptSize + 4;

    public long LengthOf(SnapshotHeader header)
        => header.Entries < 0
            ? header.Buckets > long.MaxValue / _bucketSize ? -1 : header.Buckets * _bucketSize
            : header.Entries - Unknown is >= 0 and < long.MaxValue / 128 ? (header.Entries - Unknown) * _entrySize : -1;

    /// <summary>Chooses how to write.</summary>
    /// <returns>-1 for buckets as they are.</returns>
    public long ChooseForm() => store.Table.Count * _entrySize > store.Table.Bytes / 2 ? -1 : Unknown;

    /// <summary>Writes all that is in the table; what comes meanwhile may be in it or not.</summary>
    /// <returns>What <see cref="SnapshotHeader.Entries"/> is to say.</returns>
    public long Write(SnapshotHeader header, SnapshotPieceWriter pieces, CancellationToken cancellationToken)
    {
        byte[]? images = header.Entries < 0 ? null : new byte[1024 * _bucketSize];
        return images is null ? WriteBuckets(header, pieces, cancellationToken) : WriteEntries(header, pieces, images, cancellationToken);
    }

    /// <summary>Reads everything back, on several threads.</summary>
    /// <param name="header">What the snapshot says of itself.</param>
    /// <param name="open">Makes a reader of its pieces, for one thread.</param>
    /// <param name="cancellationToken">Ends it between pieces.</param>
    /// <exception cref="InvalidDataException">A piece does not fit its seal.</exception>
    /// <exception cref="IOException">A piece cannot be read.</exception>
    /// <exception cref="OutOfMemoryException">There is not enough memory beside the table.</exception>
    public void Read(SnapshotHeader header, Func<SnapshotPieceReader> open, CancellationToken cancellationToken)
    {
        long length = LengthOf(header);
        bool isSameTable = header.Buckets == store.Table.BucketCount && header.HoursEpoch == store.Clock.HoursEpoch;
        long shift = (long)(header.HoursEpoch - store.Clock.HoursEpoch).TotalHours;
        if (header.Entries >= 0)
        {
            ForEachPiece(length, open, (reader, number, size) => ReadEntries(reader.Read(number, size), shift), cancellationToken);
        }
        else if (!isSameTable)
        {
            ForEachPiece(length, open, (reader, number, size) => ReadBuckets(reader.Read(number, size), shift), cancellationToken);
        }
        else
        {
            using RestoredSpills spills = new(header.Buckets);
            int buckets = SnapshotPieces.MaxSize / _bucketSize;
            ForEachPiece(
                length, open, (reader, number, size) => store.Table.RestoreBuckets(number * buckets, size / _bucketSize, spills, images => reader.Read(number, images)), cancellationToken);
            Parallel.For(
                0,
                SnapshotPieces.CountOf(length),
                new ParallelOptions { CancellationToken = cancellationToken },
                number => store.Table.RestoreSpills(number * buckets, SnapshotPieces.SizeOf(number, length) / _bucketSize, spills));
        }
    }

    /// <summary>Has work done on all pieces, on several threads and about in their order, which disks like. Each thread has one reader for all of its pieces.</summary>
    private static void ForEachPiece(long length, Func<SnapshotPieceReader> open, Action<SnapshotPieceReader, long, int> work, CancellationToken cancellationToken)
    {
        long count = SnapshotPieces.CountOf(length);
        int readers = (int)Math.Min(count, Math.Min(Environment.ProcessorCount, MaxReaders));
        long next = -1;
        try
        {
            Parallel.For(0, readers, new ParallelOptions { CancellationToken = cancellationToken }, (_, others) =>
            {
                using SnapshotPieceReader reader = open();
                for (long number; !others.ShouldExitCurrentIteration && (number = Interlocked.Increment(ref next)) < count;)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    work(reader, number, SnapshotPieces.SizeOf(number, length));
                }
            });
        }
        catch (AggregateException e)
        {
            // What other threads met with at the same moment adds nothing.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private long WriteBuckets(SnapshotHeader header, SnapshotPieceWriter pieces, CancellationToken cancellationToken)
    {
        int buckets = SnapshotPieces.MaxSize / _bucketSize;
        for (long bucket = 0; bucket < header.Buckets; bucket += buckets)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int length = (int)Math.Min(buckets, header.Buckets - bucket) * _bucketSize;
            store.Table.CopyBuckets(bucket, pieces.Piece[..length]);
            pieces.Write(length);
        }

        return -1;
    }

    private long WriteEntries(SnapshotHeader header, SnapshotPieceWriter pieces, byte[] images, CancellationToken cancellationToken)
    {
        long entries = 0;
        int used = 0;
        int buckets = images.Length / _bucketSize;
        for (long bucket = 0; bucket < header.Buckets; bucket += buckets)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(buckets, header.Buckets - bucket);
            store.Table.CopyBuckets(bucket, images.AsSpan(0, count * _bucketSize));
            for (int i = 0; i < count; i++)
            {
                foreach (BucketImage.Entry entry in BucketImage.EntriesOf(images.AsSpan(i * _bucketSize, _bucketSize)))
                {
                    if (used + _entrySize > SnapshotPieces.MaxSize)
                    {
                        pieces.Write(used);
                        used = 0;
                    }

                    Span<byte> place = pieces.Piece.Slice(used, _entrySize);
                    entry.Key.CopyTo(place);
                    place[_keySize] = entry.Lane;
                    place[_keySize + 1] = entry.Generation;
                    MemoryMarshal.Write(place[(_keySize + 2)..], entry.Expiry);
                    used += _entrySize;
                    entries++;
                }
            }
        }

        if (used > 0)
        {
            pieces.Write(used);
        }

        return Unknown + entries;
    }

    private void ReadEntries(ReadOnlySpan<byte> piece, long shift)
    {
        ushort hour = store.Clock.Hour;
        for (; piece.Length > 0; piece = piece[_entrySize..])
        {
            if (piece.Length > EntriesAhead * _entrySize)
            {
                ReadOnlySpan<byte> later = piece[(EntriesAhead * _entrySize)..];
                store.Table.Prepare(later[.._keySize], later[_keySize]);
            }

            Add(piece[.._keySize], piece[_keySize], piece[_keySize + 1], MemoryMarshal.Read<ushort>(piece[(_keySize + 2)..]) + shift, hour);
        }
    }

    private void ReadBuckets(ReadOnlySpan<byte> piece, long shift)
    {
        ushort hour = store.Clock.Hour;
        for (; piece.Length > 0; piece = piece[_bucketSize..])
        {
            if (piece.Length > BucketsAhead * _bucketSize)
            {
                foreach (BucketImage.Entry later in BucketImage.EntriesOf(piece.Slice(BucketsAhead * _bucketSize, _bucketSize)))
                {
                    store.Table.Prepare(later.Key, later.Lane);
                }
            }

            foreach (BucketImage.Entry entry in BucketImage.EntriesOf(piece[.._bucketSize]))
            {
                Add(entry.Key, entry.Lane, entry.Generation, entry.Expiry + shift, hour);
            }
        }
    }

    private void Add(ReadOnlySpan<byte> key, byte lane, byte generation, long expiry, ushort hour)
    {
        if (expiry > hour && expiry <= ushort.MaxValue)
        {
            store.Table.AddKept(key, lane, generation, (ushort)expiry, hour);
        }
    }
}
