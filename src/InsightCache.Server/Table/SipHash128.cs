using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>SipHash-2-4 with 128 bits, of 32 bytes: a pseudorandom function, so who does not know the key learns nothing from what collides.</summary>
/// <remarks>Aumasson and Bernstein, "SipHash: a fast short-input PRF", Indocrypt 2012; the variant of 128 bits is that of the authors' reference code, and of OpenSSL.</remarks>
internal static unsafe class SipHash128
{
    private const ulong LengthBlock = 32UL << 56;

    /// <summary>Hashes 32 bytes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="bytes">The bytes, aligned or not.</param>
    public static Vector128<ulong> Of32Bytes((ulong Low, ulong High) key, byte* bytes)
    {
        State state = new(key.Low ^ 0x736f6d6570736575, key.High ^ 0x646f72616e646f6d ^ 0xee, key.Low ^ 0x6c7967656e657261, key.High ^ 0x7465646279746573);
        state = state.Take(Unsafe.ReadUnaligned<ulong>(bytes));
        state = state.Take(Unsafe.ReadUnaligned<ulong>(bytes + 8));
        state = state.Take(Unsafe.ReadUnaligned<ulong>(bytes + 16));
        state = state.Take(Unsafe.ReadUnaligned<ulong>(bytes + 24));
        state = state.Take(LengthBlock);
        state = new State(state.V0, state.V1, state.V2 ^ 0xee, state.V3).Round().Round().Round().Round();
        ulong low = state.Folded;
        state = new State(state.V0, state.V1 ^ 0xdd, state.V2, state.V3).Round().Round().Round().Round();
        return Vector128.Create(low, state.Folded);
    }

    /// <summary>Four words, as values: the runtime keeps them in registers.</summary>
    private readonly struct State(ulong v0, ulong v1, ulong v2, ulong v3)
    {
        public readonly ulong V0 = v0;
        public readonly ulong V1 = v1;
        public readonly ulong V2 = v2;
        public readonly ulong V3 = v3;

        public ulong Folded
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => V0 ^ V1 ^ V2 ^ V3;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public State Take(ulong block)
        {
            State taken = new State(V0, V1, V2, V3 ^ block).Round().Round();
            return new State(taken.V0 ^ block, taken.V1, taken.V2, taken.V3);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public State Round()
        {
            unchecked
            {
                ulong a = V0 + V1;
                ulong c = V2 + V3;
                ulong b = BitOperations.RotateLeft(V1, 13) ^ a;
                ulong d = BitOperations.RotateLeft(V3, 16) ^ c;
                a = BitOperations.RotateLeft(a, 32) + d;
                c += b;
                return new State(a, BitOperations.RotateLeft(b, 17) ^ c, BitOperations.RotateLeft(c, 32), BitOperations.RotateLeft(d, 21) ^ a);
            }
        }
    }
}
