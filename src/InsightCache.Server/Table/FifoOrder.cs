using System.Numerics;
using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The ways of a bucket from the newest to the oldest, as a list of 15 nibbles: the lowest is the newest.</summary>
/// <remarks>Kept XOR the list 0, 1 ... 14, so that zeroed memory is a valid list.</remarks>
internal static class FifoOrder
{
    private const ulong First = 0x0EDC_BA98_7654_3210;
    private const ulong Ones = 0x0111_1111_1111_1111;

    /// <summary>Makes a way the newest.</summary>
    /// <param name="kept">The list as it is kept.</param>
    /// <param name="way">The way, 0 to 14.</param>
    /// <returns>The new list, to be kept.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ToFront(ulong kept, int way)
    {
        ulong list = kept ^ First;
        ulong different = list ^ ((ulong)(uint)way * Ones);

        // The lowest nibble that is 0 is the place of the way: the usual test for a zero in a word, right for the lowest one.
        int place = BitOperations.TrailingZeroCount(unchecked(different - Ones) & ~different & (Ones << 3)) & ~3;
        ulong newer = list & ((1UL << place) - 1);
        ulong older = list & (~0UL << place << 4);
        return (older | (newer << 4) | (uint)way) ^ First;
    }

    /// <summary>Gets the oldest of some ways.</summary>
    /// <param name="kept">The list as it is kept.</param>
    /// <param name="ways">A bit for each way that is asked for; not 0.</param>
    public static int Oldest(ulong kept, uint ways)
    {
        ulong list = kept ^ First;
        for (int shift = 56; ; shift -= 4)
        {
            int way = (int)(list >> shift & 0xF);
            if ((ways >> way & 1) != 0)
            {
                return way;
            }
        }
    }

    /// <summary>Tells whether bytes from elsewhere are such a list.</summary>
    public static bool IsValid(ulong kept)
    {
        ulong list = kept ^ First;
        uint seen = 0;
        for (int shift = 0; shift < 60; shift += 4)
        {
            seen |= 1u << ((int)(list >> shift & 0xF));
        }

        return seen == 0x7FFF && list >> 60 == 0;
    }
}
