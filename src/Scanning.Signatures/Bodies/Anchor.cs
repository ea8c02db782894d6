namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A few bytes of a part that are looked for in a content; the rest is compared where they stand.</summary>
/// <param name="Prefix">How many bytes of the part, at least, stand in front of them.</param>
/// <param name="PrefixSpan">How many more there may be.</param>
/// <param name="Length">How many they are: 4, or 2 where no four are definite enough.</param>
/// <param name="Value">The bytes, the first in the lowest bits.</param>
/// <param name="Mask">Which of their bits count.</param>
/// <param name="Frequency">At which share of all offsets they are expected.</param>
internal readonly record struct Anchor(int Prefix, int PrefixSpan, int Length, uint Value, uint Mask, float Frequency)
{
    /// <summary>The length of most anchors.</summary>
    public const int Usual = 4;

    /// <summary>The length of the others.</summary>
    public const int Short = 2;

    /// <summary>Each value that an anchor may have is a key of its own; letters of either case have two.</summary>
    public const int MaxVariants = 16;

    /// <summary>Chooses the rarest bytes of a run.</summary>
    /// <param name="values">The run.</param>
    /// <param name="masks">Which of its bits count.</param>
    /// <param name="prefix">How many bytes of the part, at least, stand in front of the run.</param>
    /// <param name="prefixSpan">How many more there may be.</param>
    /// <returns>The anchor; <see langword="null"/> if no two whole bytes stand beside each other.</returns>
    public static Anchor? Choose(ReadOnlySpan<byte> values, ReadOnlySpan<byte> masks, int prefix, int prefixSpan) =>
        Choose(values, masks, prefix, prefixSpan, Usual) ?? Choose(values, masks, prefix, prefixSpan, Short);

    private static Anchor? Choose(ReadOnlySpan<byte> values, ReadOnlySpan<byte> masks, int prefix, int prefixSpan, int length)
    {
        Anchor? best = null;
        for (int i = 0; i + length <= values.Length; i++)
        {
            uint value = 0;
            uint mask = 0;
            for (int j = length - 1; j >= 0; j--)
            {
                value = (value << 8) | values[i + j];
                mask = (mask << 8) | masks[i + j];
            }

            uint all = length == Usual ? uint.MaxValue : ushort.MaxValue;
            if (VariantsOf(all & ~mask) > MaxVariants)
            {
                continue;
            }

            float frequency = 0;
            foreach (uint variant in new AnchorVariants(value, all & ~mask))
            {
                frequency += length == Usual ? ByteFrequencies.OfFour(variant) : ByteFrequencies.OfTwo(variant);
            }

            if (best is not { } other || frequency < other.Frequency)
            {
                best = new Anchor(prefix + i, prefixSpan, length, value, mask, frequency);
            }
        }

        return best;
    }

    /// <summary>Lists the values that the bytes may have.</summary>
    public AnchorVariants Variants() => new(Value, (Length == Usual ? uint.MaxValue : ushort.MaxValue) & ~Mask);

    private static long VariantsOf(uint free) => 1L << System.Numerics.BitOperations.PopCount(free);
}

/// <summary>An anchor of a part.</summary>
/// <param name="Part">The part.</param>
/// <param name="Anchor">The anchor.</param>
internal readonly record struct PartAnchor(int Part, Anchor Anchor);

/// <summary>All values of a number some of whose bits are free.</summary>
/// <param name="value">The bits that are not.</param>
/// <param name="free">Those that are.</param>
internal ref struct AnchorVariants(uint value, uint free)
{
    private uint _bits;
    private bool _begun;

    public readonly uint Current => value | _bits;

    public readonly AnchorVariants GetEnumerator() => this;

    public bool MoveNext()
    {
        // The next larger subset of the free bits; 0 again after the last.
        _bits = _begun ? unchecked(_bits - free) & free : 0;
        bool isNew = !_begun || _bits != 0;
        _begun = true;
        return isNew;
    }
}
