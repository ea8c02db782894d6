namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>Keeps inflated grains, a bounded number of them, in buffers that are used again and again. Safe for concurrent use.</summary>
/// <remarks>
/// A grain belongs to one of many small sets, as in a processor's cache, and a set keeps the grains of its own that were read last. Its lock is held while
/// a grain is inflated: whoever wants the same grain at the same time waits for it and does not inflate it as well.
/// </remarks>
internal sealed class GrainCache
{
    private const int Ways = 4;

    private readonly Set[] _sets;
    private readonly int _grainSize;

    /// <param name="grainSize">The size of a grain in bytes.</param>
    /// <param name="bytes">How much to keep; at least one set is kept.</param>
    public GrainCache(int grainSize, long bytes)
    {
        _grainSize = grainSize;
        _sets = new Set[(int)Math.Clamp(bytes / grainSize / Ways, 1, 1 << 16)];
        for (int i = 0; i < _sets.Length; i++)
        {
            _sets[i] = new Set();
        }
    }

    /// <summary>Inflates a grain.</summary>
    /// <param name="grain">The grain's number.</param>
    /// <param name="buffer">Room for a grain.</param>
    public delegate void Inflate(long grain, Span<byte> buffer);

    private sealed class Set
    {
        public readonly Lock Lock = new();
        public readonly Slot[] Slots = new Slot[Ways];
        public long Reads;
    }

    private struct Slot
    {
        public byte[]? Buffer;
        public (int Extent, long Grain)? Grain;
        public long LastRead;
    }

    /// <summary>Copies a part of a grain, inflating the grain if it is not kept.</summary>
    public void Read((int Extent, long Grain) grain, int offset, Span<byte> destination, Inflate inflate)
    {
        Set set = _sets[((ulong)grain.Grain + (ulong)grain.Extent) % (ulong)_sets.Length];
        lock (set.Lock)
        {
            ref Slot slot = ref Find(set, grain);
            if (slot.Grain != grain)
            {
                // Nothing is kept in the slot until the grain is whole: inflating it may fail.
                slot.Grain = null;
                slot.Buffer ??= new byte[_grainSize];
                inflate(grain.Grain, slot.Buffer);
                slot.Grain = grain;
            }

            slot.LastRead = ++set.Reads;
            slot.Buffer.AsSpan(offset, destination.Length).CopyTo(destination);
        }
    }

    /// <summary>Finds the slot that keeps a grain, or else the one that was not read for longest.</summary>
    private static ref Slot Find(Set set, (int Extent, long Grain) grain)
    {
        int oldest = 0;
        for (int i = 0; i < Ways; i++)
        {
            if (set.Slots[i].Grain == grain)
            {
                return ref set.Slots[i];
            }

            oldest = set.Slots[i].LastRead < set.Slots[oldest].LastRead ? i : oldest;
        }

        return ref set.Slots[oldest];
    }
}
