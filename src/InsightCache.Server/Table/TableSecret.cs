using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What decides where a key lives in a <see cref="VerdictTable"/>. Immutable, safe for any number of threads.</summary>
/// <remarks>
/// Clients choose the keys, so a hash that they can compute would let them aim at one bucket and evict what they like. The hash, where keys are kept whole, is NH (universal: over the choice of
/// the secret, two keys of an attacker collide with probability 2^-64 before it is folded to 64 bits), folded by one more secret multiplication. An image of a table
/// can be read back only under the same secret, so whoever keeps images keeps the secret too, as secret as the images' authentication key.
/// </remarks>
internal sealed class TableSecret
{
    /// <summary>The size of a secret in bytes.</summary>
    public const int Size = 32;

    private readonly byte[] _bytes;
    private readonly ulong _nh0;
    private readonly ulong _nh1;
    private readonly ulong _nh2;
    private readonly ulong _nh3;
    private readonly ulong _foldHigh;
    private readonly ulong _foldLow;
    private readonly ulong _lane;
    private readonly ulong _step;

    /// <summary>Initializes a secret.</summary>
    /// <param name="secret">32 bytes that nobody can guess.</param>
    public TableSecret(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != Size)
        {
            throw new ArgumentException($"A table's secret has {Size} bytes, not {secret.Length}.", nameof(secret));
        }

        _bytes = secret.ToArray();
        Span<byte> derived = stackalloc byte[SHA512.HashSizeInBytes];
        SHA512.HashData(secret, derived);
        _nh0 = Word(derived, 0);
        _nh1 = Word(derived, 1);
        _nh2 = Word(derived, 2);
        _nh3 = Word(derived, 3);
        _foldHigh = Word(derived, 4);
        _foldLow = Word(derived, 5);
        _lane = Word(derived, 6);
        _step = Word(derived, 7) | 1;

        // 64 bytes are used up.
        SHA512.HashData([.. secret, (byte)'k'], derived);
        KeyedHash = (Word(derived, 0), Word(derived, 1));
    }

    /// <summary>Gets the 32 bytes, for whoever keeps images of the table.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Gets the key of the hash that is kept instead of keys.</summary>
    internal (ulong Low, ulong High) KeyedHash { get; }

    /// <summary>Makes a secret from the system's random numbers.</summary>
    public static TableSecret Create()
    {
        Span<byte> secret = stackalloc byte[Size];
        RandomNumberGenerator.Fill(secret);
        return new(secret);
    }

    /// <summary>Computes the fingerprint of a key in no lane, where keys are kept whole.</summary>
    /// <param name="key">The key: 32 bytes, aligned or not.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe ulong Fingerprint(byte* key)
    {
        unchecked
        {
            ulong a = Unsafe.ReadUnaligned<ulong>(key) + _nh0;
            ulong b = Unsafe.ReadUnaligned<ulong>(key + 8) + _nh1;
            ulong c = Unsafe.ReadUnaligned<ulong>(key + 16) + _nh2;
            ulong d = Unsafe.ReadUnaligned<ulong>(key + 24) + _nh3;
            ulong other = c * d;
            ulong low = (a * b) + other;
            ulong high = MultiplyHigh(a, b) + MultiplyHigh(c, d) + (low < other ? 1u : 0u);
            high ^= _foldHigh;
            low ^= _foldLow;
            return MultiplyHigh(high, low) ^ (high * low);
        }
    }

    /// <summary>Mixes a lane into a fingerprint: a bijection for each lane, so that what does not collide in one collides in none.</summary>
    /// <param name="fingerprint">The fingerprint of a key in no lane.</param>
    /// <param name="lane">The lane.</param>
    /// <returns>64 bits whose halves choose the two buckets.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Place(ulong fingerprint, byte lane) => fingerprint ^ OfLane(lane);

    /// <summary>Gets what makes places of the fingerprints of one lane, by exclusive or.</summary>
    internal ulong OfLane(byte lane)
    {
        unchecked
        {
            // The finish of SplitMix64: lanes are small numbers, and each is to change every bit.
            ulong mixed = _lane + (lane * _step);
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }

    /// <summary>The high half of a product. Math.BigMul returns the low half through memory, which costs more than to multiply again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyHigh(ulong one, ulong other) => Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(one, other) : Math.BigMul(one, other, out _);

    private static ulong Word(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(index * sizeof(ulong))..]);
}
