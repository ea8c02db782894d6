using System.Numerics;
using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>Images of buckets, in the byte order of the machine.</content>
internal sealed unsafe partial class VerdictTable<TKeys>
{
    public override void CopyBuckets(long firstBucket, Span<byte> destination)
    {
        int count = CheckImages(firstBucket, destination.Length);
        using SystemMemory.Lease lease = Memory.Borrow();
        fixed (byte* images = destination)
        {
            for (int i = 0; i < count; i++)
            {
                Copy(At(firstBucket + i), new Bucket(images + ((long)i * TKeys.BucketSize)));
            }
        }
    }

    public override void RestoreBuckets(long firstBucket, int count, RestoredSpills spills, Action<Span<byte>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        CheckRestored(firstBucket, count, spills);
        using SystemMemory.Lease lease = Memory.Borrow();
        using SystemMemory.Lease counts = spills.Borrow();
        Span<byte> images = new(At(firstBucket).Start, count * TKeys.BucketSize);
        try
        {
            read(images);
        }
        catch
        {
            // Nobody vouches for what is there by now.
            images.Clear();
            throw;
        }

        long restored = 0;
        for (int i = 0; i < count; i++)
        {
            restored += Restore(At(firstBucket + i), spills);
        }

        Hours.Distrust();
        Counters.Count(TableEvent.Restored, restored);
    }

    public override void RestoreSpills(long firstBucket, int count, RestoredSpills spills)
    {
        CheckRestored(firstBucket, count, spills);
        using SystemMemory.Lease lease = Memory.Borrow();
        using SystemMemory.Lease counts = spills.Borrow();
        for (long bucket = firstBucket; bucket < firstBucket + count; bucket++)
        {
            At(Math.Min(bucket + SweepAhead, _bucketCount - 1)).PrefetchTags();
            if (spills.Of(bucket) is > 0 and byte spilled)
            {
                At(bucket).Spilled = spilled;
            }
        }
    }

    private static void Copy(Bucket bucket, Bucket image)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            uint sequence = Volatile.Read(ref bucket.Sequence);
            Unsafe.CopyBlockUnaligned(image.Start, bucket.Start, (uint)TKeys.BucketSize);
            Volatile.ReadBarrier();
            if ((sequence & 1) == 0 && bucket.Sequence == sequence)
            {
                image.Sequence = 0;
                return;
            }

            Thread.SpinWait(attempt);
        }

        // A copy must not be a miss, so it waits for the writers in the end.
        bucket.Lock();
        Unsafe.CopyBlockUnaligned(image.Start, bucket.Start, (uint)TKeys.BucketSize);
        bucket.UnlockUnchanged();
        image.Sequence = 0;
    }

    private int Restore(Bucket bucket, RestoredSpills spills)
    {
        // The count of spilled keys is not taken over but made anew: buckets were copied at different moments, and an entry that moved between them would be in a bucket
        // where readers do not look for it, until another one leads them there.
        bucket.Spilled = 0;
        bucket.Sequence = 0;
        bucket.Main &= (ushort)AllWays;

        // What writers rely on to stay inside the bucket.
        bucket.Order = FifoOrder.IsValid(bucket.Order) ? bucket.Order : 0;
        uint occupied = bucket.Occupied;
        for (uint guests = bucket.Guests & occupied; guests != 0; guests &= guests - 1)
        {
            ulong place = PlaceOf(bucket, BitOperations.TrailingZeroCount(guests));
            Bucket.CountSpilled(ref spills.Of(FirstOf(place)));
        }

        return BitOperations.PopCount(occupied);
    }

    private void CheckRestored(long firstBucket, int count, RestoredSpills spills)
    {
        ArgumentNullException.ThrowIfNull(spills);
        CheckImages(firstBucket, (long)count * TKeys.BucketSize);
        if (spills.Buckets != _bucketCount)
        {
            throw new ArgumentException($"Spills of {spills.Buckets} buckets are not those of a table of {_bucketCount}.", nameof(spills));
        }
    }

    private int CheckImages(long firstBucket, long length)
    {
        long count = length / TKeys.BucketSize;
        if (length < 0 || length > int.MaxValue || length % TKeys.BucketSize != 0 || firstBucket < 0 || firstBucket > _bucketCount - count)
        {
            throw new ArgumentException($"{length} bytes are not images of {TKeys.BucketSize} bytes for buckets from {firstBucket} on, of {_bucketCount}.");
        }

        return (int)count;
    }
}
