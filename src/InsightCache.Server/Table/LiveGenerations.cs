using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Which generations of which lanes are alive: 256 x 256 bits. Safe for any number of threads.</summary>
internal sealed class LiveGenerations
{
    private const int WordsPerLane = 256 / 64;

    private readonly ulong[] _bits = new ulong[256 * WordsPerLane];

    /// <summary>Tells whether entries of a generation may stay.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(byte lane, byte generation) => ((_bits[(lane * WordsPerLane) + (generation >> 6)] >> generation) & 1) != 0;

    /// <summary>Lets a generation live or die.</summary>
    public void Set(byte lane, byte generation, bool alive)
    {
        ref ulong word = ref _bits[(lane * WordsPerLane) + (generation >> 6)];
        ulong bit = 1UL << generation;
        _ = alive ? Interlocked.Or(ref word, bit) : Interlocked.And(ref word, ~bit);
    }
}
