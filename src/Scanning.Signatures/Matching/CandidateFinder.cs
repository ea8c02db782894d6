
namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Finds the signatures that may match a content: those an anchor of which was found with all the bytes around it.</summary>
internal sealed class CandidateFinder : IWindowConsumer
{
    private readonly SignatureImage _image;
    private readonly AnchorFilter _filter;
    private readonly ContentFacts _facts;
    private readonly bool _isLengthKnown;
    private readonly HashSet<int> _candidates = [];

    /// <param name="image">The signatures.</param>
    /// <param name="target">The kind of content.</param>
    /// <param name="facts">What is known of it.</param>
    /// <param name="isLengthKnown">Whether its length is; offsets that count from the end are looked at later if not.</param>
    public CandidateFinder(SignatureImage image, ContentTarget target, ContentFacts facts, bool isLengthKnown)
    {
        _image = image;
        _filter = image.FilterOf(target);
        _facts = facts;
        _isLengthKnown = isLengthKnown;
        _candidates.UnionWith(image.Always[0]);
        _candidates.UnionWith(image.Always[(int)target]);
    }

    /// <summary>Gets a value indicating whether no content of the kind can have any.</summary>
    public bool IsIdle => _filter.IsEmpty && _candidates.Count == 0;

    /// <summary>Lists the candidates in the order in which they were loaded.</summary>
    public int[] Candidates() => [.. _candidates.Order()];

    public void Consume(in ByteWindow window)
    {
        Visitor visitor = new(this, window);
        _filter.Run(window, ref visitor);
    }

    private void Visit(in ByteWindow window, int offset, ReadOnlySpan<AnchorRecord> records)
    {
        foreach (ref readonly AnchorRecord record in records)
        {
            if (!_candidates.Contains(record.Signature) && Stands(in record, window, offset))
            {
                _candidates.Add(record.Signature);
            }
        }
    }

    private bool Stands(ref readonly AnchorRecord record, in ByteWindow window, int offset)
    {
        ref PartRecord part = ref _image.Parts[record.Part];
        for (int prefix = record.Prefix; prefix <= record.Prefix + record.PrefixSpan; prefix++)
        {
            int start = offset - prefix;
            if (PartMatcher.Match(_image, in part, window, start) >= 0 && MayBegin(in record, window.Origin + start))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Tells whether a pattern's offset allows its first part there.</summary>
    private bool MayBegin(ref readonly AnchorRecord record, long start)
    {
        ref PatternRecord pattern = ref _image.Patterns[record.Pattern];
        // Of a long run of zeros only the edges are looked at: a part that zeros match is searched for at its offset later.
        bool matchesZeros = (_image.Parts[record.Part].Forms & PartForms.MatchesZeros) != 0;
        if (pattern.Offset == OffsetKind.Any || matchesZeros || record.Part != pattern.First || (pattern.Offset == OffsetKind.FromEnd && !_isLengthKnown))
        {
            return true;
        }

        (long first, long last) = pattern.PlaceIn(_facts);
        return start >= first && start <= last;
    }

    private readonly ref struct Visitor(CandidateFinder finder, in ByteWindow window) : IAnchorVisitor
    {
        private readonly ByteWindow _window = window;

        public void Visit(int offset, ReadOnlySpan<AnchorRecord> records) => finder.Visit(_window, offset, records);
    }
}
