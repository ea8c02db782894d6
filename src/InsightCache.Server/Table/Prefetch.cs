using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Asks the processor for a line of memory before it is read, so that many are on their way at once. .NET offers this on x86 only; elsewhere nothing happens.</summary>
/// <remarks>
/// Into the second level of cache: what is fetched into the first takes one of its few places for lines under way (24 on Zen 4) for as long as memory takes, and a
/// table of 20 million entries answers a quarter more lookups without that.
/// </remarks>
internal static unsafe class Prefetch
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(byte* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(address);
        }
    }
}
