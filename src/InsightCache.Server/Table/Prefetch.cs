using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Asks the processor for a line of memory before it is read, so that many are on their way at once. .NET offers this on x86 only; elsewhere nothing happens.</summary>
internal static unsafe class Prefetch
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Read(byte* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }
}
