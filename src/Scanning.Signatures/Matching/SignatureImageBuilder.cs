using System.Buffers;
using System.Buffers.Binary;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Collects body and logical signatures, then compiles them.</summary>
internal sealed class SignatureImageBuilder
{
    /// <summary>ClamAV's targets are 0 to 14.</summary>
    public const int Targets = 15;

    private readonly ArrayBufferWriter<byte> _names = new();
    private readonly List<AnchorKey>[] _anchors = [.. Enumerable.Range(0, Targets).Select(static _ => new List<AnchorKey>())];
    private readonly List<AnchorKey>[] _shortAnchors = [.. Enumerable.Range(0, Targets).Select(static _ => new List<AnchorKey>())];
    private readonly List<int>[] _always = [.. Enumerable.Range(0, Targets).Select(static _ => new List<int>())];

    /// <summary>Gets where the code of parts, expressions and conditions goes.</summary>
    public ArrayBufferWriter<byte> Code { get; } = new();

    public List<PartRecord> Parts { get; } = [];

    public List<PatternRecord> Patterns { get; } = [];

    public List<SignatureRecord> Signatures { get; } = [];

    /// <summary>Gets the regular expressions, as they are written.</summary>
    public List<RegexRecord> Regexes { get; } = [];

    public List<ByteComparison> Comparisons { get; } = [];

    /// <summary>Remembers how far everything has come, so that a signature that turns out to be none leaves nothing in use.</summary>
    public Place Mark() => new(Parts.Count, Patterns.Count, Regexes.Count, Comparisons.Count);

    /// <summary>Goes back to where it was; code that was written meanwhile stays unused.</summary>
    public void Reset(Place place)
    {
        Parts.RemoveRange(place.Parts, Parts.Count - place.Parts);
        Patterns.RemoveRange(place.Patterns, Patterns.Count - place.Patterns);
        Regexes.RemoveRange(place.Regexes, Regexes.Count - place.Regexes);
        Comparisons.RemoveRange(place.Comparisons, Comparisons.Count - place.Comparisons);
    }

    /// <summary>Adds a signature.</summary>
    /// <param name="signature">The signature, all but its name.</param>
    /// <param name="name">The threat's name, in UTF-8. Without the mark that the oldest signatures carry for ClamAV's own, which it never shows.</param>
    /// <param name="anchors">Anchors without one of which it cannot match; empty if it may match a content without any.</param>
    public void Add(SignatureRecord signature, ReadOnlySpan<byte> name, IReadOnlyList<PatternAnchor> anchors)
    {
        int index = Signatures.Count;
        int mark = name.IndexOf(" (Clam)"u8);
        name = mark < 0 ? name : name[..mark];
        signature.Name = _names.WrittenCount;
        BinaryPrimitives.WriteUInt16LittleEndian(_names.GetSpan(sizeof(ushort)), checked((ushort)name.Length));
        _names.Advance(sizeof(ushort));
        _names.Write(name);
        Signatures.Add(signature);
        foreach (PatternAnchor anchor in anchors)
        {
            AnchorRecord record = new()
            {
                Signature = index,
                Pattern = anchor.Pattern,
                Part = anchor.Anchor.Part,
                Prefix = checked((ushort)anchor.Anchor.Anchor.Prefix),
                PrefixSpan = checked((ushort)anchor.Anchor.Anchor.PrefixSpan),
            };
            List<AnchorKey> keys = (anchor.Anchor.Anchor.Length == Anchor.Usual ? _anchors : _shortAnchors)[(int)signature.Target];
            foreach (uint variant in anchor.Anchor.Anchor.Variants())
            {
                keys.Add(new AnchorKey(variant, record));
            }
        }

        if (anchors.Count == 0)
        {
            _always[(int)signature.Target].Add(index);
        }
    }

    /// <summary>Compiles all that was added.</summary>
    public SignatureImage Build() => new()
    {
        Code = Code.WrittenSpan.ToArray(),
        Names = _names.WrittenSpan.ToArray(),
        Parts = [.. Parts],
        Patterns = [.. Patterns],
        Signatures = [.. Signatures],
        Comparisons = [.. Comparisons],
        Regexes = [.. Regexes],
        Anchors = [.. _anchors.Select(AnchorTable.Build)],
        ShortAnchors = [.. _shortAnchors.Select(AnchorTable.Build)],
        Always = [.. _always.Select(static list => list.ToArray())],
    };

    /// <summary>How far the tables had come.</summary>
    public readonly record struct Place(int Parts, int Patterns, int Regexes, int Comparisons);
}

/// <summary>An anchor of a pattern.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Anchor">The anchor.</param>
internal readonly record struct PatternAnchor(int Pattern, PartAnchor Anchor);

/// <summary>One value of an anchor.</summary>
/// <param name="Key">The value.</param>
/// <param name="Record">What it makes suspect.</param>
internal readonly record struct AnchorKey(uint Key, AnchorRecord Record);
