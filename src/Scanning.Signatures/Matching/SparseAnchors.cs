namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Anchors that are looked for at every fourth offset only: seven whole bytes beside each other hold four whole ones at one such offset, wherever they stand.</summary>
/// <remarks>Each of the four ways in which they may lie to the offsets is a key of its own.</remarks>
internal static class SparseAnchors
{
    /// <summary>The distance of the offsets that are looked at, counted from the content's beginning.</summary>
    public const int Step = 4;

    /// <summary>With more keys the bitmap would no longer fit the processor's nearest cache, or be so full that it lets most bytes pass.</summary>
    private const int MaxKeys = 32 << 10;

    /// <summary>So many places in a run are weighed. It makes no difference but to speed.</summary>
    private const int MaxPlaces = 512;

    /// <summary>Makes a table of such anchors for the same parts as another table.</summary>
    /// <returns><see langword="null"/> if a part has no run that is long enough, or there are too many: then every offset must be looked at.</returns>
    public static AnchorTable? From(AnchorTable table, SignatureImage image)
    {
        HashSet<(int Signature, int Pattern, int Part)> seen = [];
        List<AnchorKey> keys = [];
        foreach (AnchorRecord record in table.Records)
        {
            ref PartRecord part = ref image.Parts[record.Part];
            if (part.LiteralLength < Anchor.Usual + Step - 1 || keys.Count > MaxKeys - Step)
            {
                return null;
            }

            if (seen.Add((record.Signature, record.Pattern, record.Part)))
            {
                Add(keys, record, in part, image.Code.AsSpan(part.Literal, part.LiteralLength));
            }
        }

        return AnchorTable.Build(keys);
    }

    private static void Add(List<AnchorKey> keys, AnchorRecord record, ref readonly PartRecord part, ReadOnlySpan<byte> run)
    {
        int first = RarestPlace(run);
        for (int place = first; place < first + Step; place++)
        {
            keys.Add(new AnchorKey(
                BitConverter.ToUInt32(run[place..]),
                record with { Prefix = checked((ushort)(part.LiteralPrefix + place)), PrefixSpan = part.LiteralPrefixSpan }));
        }
    }

    private static int RarestPlace(ReadOnlySpan<byte> run)
    {
        Span<float> frequencies = stackalloc float[Math.Min(run.Length - (Anchor.Usual - 1), MaxPlaces)];
        for (int place = 0; place < frequencies.Length; place++)
        {
            frequencies[place] = ByteFrequencies.OfFour(BitConverter.ToUInt32(run[place..]));
        }

        int best = 0;
        float least = float.MaxValue;
        for (int place = 0; place <= frequencies.Length - Step; place++)
        {
            float frequency = frequencies[place] + frequencies[place + 1] + frequencies[place + 2] + frequencies[place + 3];
            if (frequency < least)
            {
                (best, least) = (place, frequency);
            }
        }

        return best;
    }
}
