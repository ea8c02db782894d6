using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>The buckets.</content>
internal sealed unsafe partial class VerdictTable<TKeys>
{
    /// <summary>A bucket of the table: some ways in native memory, as README.md draws them. A view: copying it copies the address.</summary>
    /// <param name="start">Its first byte, at a multiple of 64.</param>
    internal readonly struct Bucket(byte* start)
    {
        private readonly byte* _start = start;

        public byte* Start => _start;

        /// <summary>Gets the sequence: odd while a writer is at work.</summary>
        public ref uint Sequence => ref unchecked(*(uint*)(_start + BucketLayout.Sequence));

        /// <summary>Gets how many keys whose first bucket is this live in their second; <see cref="BucketLayout.ManySpilled"/> is as many or more.</summary>
        public ref byte Spilled => ref unchecked(_start[BucketLayout.Spilled]);

        /// <summary>Gets two bits a way: how often it was found, up to 3. Readers write it without a lock, so nothing but the choice of a victim may depend on it.</summary>
        public ref uint Frequencies => ref unchecked(*(uint*)(_start + BucketLayout.Frequencies));

        /// <summary>Gets a bit for each way that has left probation.</summary>
        public ref ushort Main => ref *(ushort*)(_start + BucketLayout.Main);

        /// <summary>Gets a bit for each way whose key has its first bucket elsewhere.</summary>
        public ref ushort Guests => ref *(ushort*)(_start + BucketLayout.Guests);

        /// <summary>Gets the ways by age, see <see cref="FifoOrder"/>.</summary>
        public ref ulong Order => ref *(ulong*)(_start + BucketLayout.Order);

        /// <summary>Gets a bit for each way that holds an entry.</summary>
        public uint Occupied => ~Vector128.Equals(Vector128.Load(_start), Vector128<byte>.Zero).ExtractMostSignificantBits() & AllWays;

        public ref byte Tag(int way) => ref _start[way];

        /// <summary>Gets lane (low byte) and generation (high byte) of a way.</summary>
        public ref ushort Origin(int way) => ref unchecked(((ushort*)(_start + BucketLayout.Origins))[way]);

        public ref ushort Expiry(int way) => ref unchecked(((ushort*)(_start + BucketLayout.Expiries))[way]);

        public byte* Key(int way) => unchecked(_start + BucketLayout.Keys + (way * TKeys.KeySize));

        public byte Lane(int way) => unchecked((byte)Origin(way));

        public byte Generation(int way) => (byte)(Origin(way) >> 8);

        /// <summary>Gets a bit for each way with a tag.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public uint Match(byte tag) => MatchAndMore(tag) & AllWays;

        /// <summary>Gets a bit for each way with a tag, and one more, behind them, that means nothing.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public uint MatchAndMore(byte tag) => Vector128.Equals(Vector128.Load(_start), Vector128.Create(tag)).ExtractMostSignificantBits();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool HasKey(int way, byte* key) => TKeys.AreEqual(Key(way), key);

        /// <summary>Gets a bit for each way whose expiry is not later than an hour, whether it holds an entry or not.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public uint ExpiredBy(ushort hour)
        {
            ushort* expiries = (ushort*)(_start + BucketLayout.Expiries);
            Vector128<ushort> limit = Vector128.Create(hour);
            return Bits(Vector128.LessThanOrEqual(Vector128.Load(expiries), limit), Vector128.LessThanOrEqual(Vector128.Load(expiries + 8), limit));
        }

        /// <summary>Gets a bit for each way with the lane and the generation of another, whether it holds an entry or not.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public uint OfSameOrigin(int way)
        {
            ushort* origins = (ushort*)(_start + BucketLayout.Origins);
            Vector128<ushort> origin = Vector128.Create(origins[way]);
            return Bits(Vector128.Equals(Vector128.Load(origins), origin), Vector128.Equals(Vector128.Load(origins + 8), origin));
        }

        /// <summary>Finds the way of a key in a lane. Only under the lock.</summary>
        /// <returns>The way, or -1.</returns>
        public int WayOf(byte* key, byte lane, byte tag)
        {
            for (uint ways = Match(tag); ways != 0; ways &= ways - 1)
            {
                int way = BitOperations.TrailingZeroCount(ways);
                if (Lane(way) == lane && HasKey(way, key))
                {
                    return way;
                }
            }

            return -1;
        }

        /// <summary>Counts a hit. Without the lock.</summary>
        /// <remarks>
        /// A plain write: two readers, or a reader and a writer, may lose each other's, and a way that was reused meanwhile may keep the frequency of its former entry. Either
        /// changes which entry is evicted some day and nothing else; an atomic write would cost every hit more than that is worth. The sequence does not change, since
        /// no reader's answer depends on these bytes.
        /// </remarks>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void CountHit(int way)
        {
            unchecked
            {
                uint all = Frequencies;
                int shift = way * 2;
                if ((all >> shift & 3) != 3)
                {
                    Frequencies = all + (1u << shift);
                }
            }
        }

        /// <summary>Takes the lock, unless somebody has it.</summary>
        public bool TryLock()
        {
            uint seen = Volatile.Read(ref Sequence);
            return (seen & 1) == 0 && Interlocked.CompareExchange(ref Sequence, seen + 1, seen) == seen;
        }

        public void Lock()
        {
            SpinWait spin = default;
            while (!TryLock())
            {
                spin.SpinOnce();
            }
        }

        /// <summary>Gives the lock back after a change.</summary>
        public void Unlock() => Volatile.Write(ref Sequence, unchecked(Sequence + 1));

        /// <summary>Gives the lock back when nothing changed: readers that looked before and after have read the truth.</summary>
        public void UnlockUnchanged() => Volatile.Write(ref Sequence, Sequence - 1);

        /// <summary>Takes two locks in the order of their addresses, so that two writers never wait for each other.</summary>
        public static void LockBoth(Bucket one, Bucket other)
        {
            bool ordered = one._start < other._start;
            (ordered ? one : other).Lock();
            (ordered ? other : one).Lock();
        }

        /// <summary>Counts a key that lives in its second bucket, of which this is the first.</summary>
        /// <remarks>Atomic, since the writer that holds the second bucket need not hold this one: a count may be taken back late, never early.</remarks>
        public void CountSpilled() => CountSpilled(ref Spilled);

        /// <summary>Counts one more, up to <see cref="BucketLayout.ManySpilled"/>.</summary>
        public static void CountSpilled(ref byte count)
        {
            byte seen = Volatile.Read(ref count);
            while (seen != BucketLayout.ManySpilled)
            {
                byte before = Interlocked.CompareExchange(ref count, (byte)(seen + 1), seen);
                if (before == seen)
                {
                    return;
                }

                seen = before;
            }
        }

        /// <summary>Takes back what <see cref="CountSpilled()"/> counted, after the key has left its second bucket.</summary>
        public void UncountSpilled()
        {
            byte seen = Volatile.Read(ref Spilled);
            while (seen is not 0 and not BucketLayout.ManySpilled)
            {
                byte before = Interlocked.CompareExchange(ref Spilled, (byte)(seen - 1), seen);
                if (before == seen)
                {
                    return;
                }

                seen = before;
            }
        }

        /// <summary>Puts an entry into a way that is empty. Only under the lock.</summary>
        public void Fill(int way, byte tag, byte* key, ushort origin, ushort expiry, bool guest)
        {
            uint bit = 1u << way;
            Unsafe.CopyBlockUnaligned(Key(way), key, (uint)TKeys.KeySize);
            Origin(way) = origin;
            Expiry(way) = expiry;
            Frequencies &= ~(3u << (way * 2));
            Main = unchecked((ushort)(Main & ~bit));
            Guests = unchecked((ushort)(guest ? Guests | bit : Guests & ~bit));
            Order = FifoOrder.ToFront(Order, way);
            Tag(way) = tag;
        }

        /// <summary>Takes the entries out of some ways. Only under the lock. Their keys stay where they are until the ways are filled again.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Empty(uint ways)
        {
            Vector128<byte> bit = Vector128.Create(0x8040_2010_0804_0201).AsByte();
            Vector128<byte> spread = Vector128.Create(Vector64.Create(unchecked((byte)ways)), Vector64.Create(unchecked((byte)(ways >> 8))));
            Vector128<byte> tags = Vector128.AndNot(Vector128.Load(_start), Vector128.Equals(spread & bit, bit));

            // The byte behind the tags is the count of spilled keys, which others change without the lock: it is not written.
            *(ulong*)_start = tags.AsUInt64()[0];
            *(uint*)(_start + 8) = tags.AsUInt32()[2];
            *(ushort*)(_start + 12) = tags.AsUInt16()[6];
            _start[14] = tags[14];
            Main = unchecked((ushort)(Main & ~ways));
            Guests = unchecked((ushort)(Guests & ~ways));
        }

        /// <summary>Fetches the line of the tags, and with it all that readers look at but expiries and keys, ahead of its use.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void PrefetchTags() => Prefetch.Read(_start);

        /// <summary>Fetches the line of the expiries.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void PrefetchExpiries() => Prefetch.Read(unchecked(_start + BucketLayout.Expiries));

        /// <summary>Fetches the keys of guests.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void PrefetchGuests()
        {
            for (uint guests = Guests; guests != 0; guests &= guests - 1)
            {
                Prefetch.Read(Key(BitOperations.TrailingZeroCount(guests)));
            }
        }

        /// <summary>Gets a bit for each way from sixteen comparisons; the last ones compare what is no way's.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static uint Bits(Vector128<ushort> low, Vector128<ushort> high) => Vector128.Narrow(low, high).ExtractMostSignificantBits() & AllWays;
    }
}
