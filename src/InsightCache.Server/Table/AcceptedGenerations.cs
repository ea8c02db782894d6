using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The generations of one lane whose entries answer a question. Generations count modulo 256, so <c>Oldest</c> may be the larger number.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Oldest">The first generation that is accepted.</param>
/// <param name="Newest">The last generation that is accepted.</param>
/// <param name="Current">The generation from which on an entry is fresh; what is accepted but older is aged. From <c>Oldest</c> to <c>Newest</c>.</param>
internal readonly record struct AcceptedGenerations(byte Lane, byte Oldest, byte Newest, byte Current)
{
    /// <summary>Accepts one generation only.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="generation">The generation.</param>
    public static AcceptedGenerations Exactly(byte lane, byte generation) => new(lane, generation, generation, generation);

    /// <summary>Tells whether an entry of a generation answers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Accepts(byte generation) => unchecked((byte)(generation - Oldest) <= (byte)(Newest - Oldest));

    /// <summary>Tells whether an accepted generation is older than the current one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsAged(byte generation) => unchecked((byte)(generation - Oldest) < (byte)(Current - Oldest));
}
