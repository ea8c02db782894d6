using System.Numerics;
using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>Images of buckets, in the byte order of the machine.</content>
internal sealed unsafe partial class VerdictTable
{
    /// <summary>Copies buckets while others write: each as it was at one moment, not all at the same.</summary>
    /// <param name="firstBucket">The first bucket.</param>
    /// <param name="destination">Receives as many images of 576 bytes as it has room for.</param>
    /// <exception cref="ArgumentException">The destination is not whole images, or there are not so many buckets.</exception>
    public void CopyBuckets(long firstBucket, Span<byte> destination)
    {
        int count = CheckImages(firstBucket, destination.Length);
        using SystemMemory.Lease lease = _memory.Borrow();
        fixed (byte* images = destination)
        {
            for (int i = 0; i < count; i++)
            {
                Copy(At(firstBucket + i), new Bucket(images + ((long)i * Bucket.Size)));
            }
        }
    }

    /// <summary>Puts images of buckets where they were, in a table of the same number of buckets and the same secret, which is empty there and which nobody uses yet.</summary>
    /// <param name="firstBucket">The first bucket.</param>
    /// <param name="source">The images, 576 bytes each. Nothing about the entries is verified: whoever keeps images must see that they are his own.</param>
    /// <exception cref="ArgumentException">The source is not whole images, or there are not so many buckets.</exception>
    public void RestoreBuckets(long firstBucket, ReadOnlySpan<byte> source)
    {
        int count = CheckImages(firstBucket, source.Length);
        using SystemMemory.Lease lease = _memory.Borrow();
        SpillQueue spills = new(stackalloc nint[SpillQueue.Room], add: true);
        long restored = 0;
        fixed (byte* images = source)
        {
            for (int i = 0; i < count; i++)
            {
                restored += Restore(new Bucket(images + ((long)i * Bucket.Size)), At(firstBucket + i), ref spills);
            }
        }

        spills.Flush();
        _hours.Distrust();
        _counters.Count(TableEvent.Restored, restored);
    }

    private static void Copy(Bucket bucket, Bucket image)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            uint sequence = Volatile.Read(ref bucket.Sequence);
            Unsafe.CopyBlockUnaligned(image.Start, bucket.Start, Bucket.Size);
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
        Unsafe.CopyBlockUnaligned(image.Start, bucket.Start, Bucket.Size);
        bucket.UnlockUnchanged();
        image.Sequence = 0;
    }

    private int Restore(Bucket image, Bucket bucket, ref SpillQueue spills)
    {
        // The count of spilled keys is not taken over but made anew: buckets were copied at different moments, and an entry that moved between them would be in a bucket
        // where readers do not look for it, until another one leads them there.
        byte spilled = bucket.Spilled;
        Unsafe.CopyBlockUnaligned(bucket.Start, image.Start, Bucket.Size);
        bucket.Spilled = spilled;
        bucket.Sequence = 0;
        bucket.Main &= (ushort)Bucket.AllWays;

        // What writers rely on to stay inside the bucket.
        bucket.Order = FifoOrder.IsValid(bucket.Order) ? bucket.Order : 0;
        uint occupied = bucket.Occupied;
        for (uint guests = bucket.Guests & occupied; guests != 0; guests &= guests - 1)
        {
            spills.Enqueue(First(PlaceOf(bucket, BitOperations.TrailingZeroCount(guests))));
        }

        return BitOperations.PopCount(occupied);
    }

    private int CheckImages(long firstBucket, int length)
    {
        int count = length / Bucket.Size;
        if (length % Bucket.Size != 0 || firstBucket < 0 || firstBucket > _bucketCount - count)
        {
            throw new ArgumentException($"{length} bytes are not images of {Bucket.Size} bytes for buckets from {firstBucket} on, of {_bucketCount}.");
        }

        return count;
    }
}
