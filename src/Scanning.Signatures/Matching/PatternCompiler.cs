namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Compiles bodies into patterns.</summary>
internal sealed class PatternCompiler(SignatureImageBuilder builder)
{
    private readonly BodyCompiler _bodies = new(builder);
    private readonly List<PartAnchor> _offered = [];

    /// <summary>Compiles a body.</summary>
    /// <param name="text">The body.</param>
    /// <param name="offset">Where it may begin.</param>
    /// <param name="modifiers">What letters behind it change; not both wide and ASCII.</param>
    /// <param name="anchor">Its rarest anchor; of pattern 0, until it has a number.</param>
    /// <returns>The pattern, which is in no table yet.</returns>
    /// <exception cref="SignatureSyntaxException">It is no body.</exception>
    /// <exception cref="UnsupportedSignatureException">It asks for more than this engine does.</exception>
    public PatternRecord Compile(ReadOnlySpan<byte> text, PatternOffset offset, PatternModifiers modifiers, out PatternAnchor anchor)
    {
        _offered.Clear();
        (int first, int count) = _bodies.Compile(text, modifiers, _offered);
        anchor = AnchorChooser.Rarest(0, _offered);
        return new PatternRecord
        {
            Kind = PatternKind.Body,
            First = first,
            Parts = checked((ushort)count),
            Twin = PatternRecord.None,
            Offset = offset.Kind,
            OffsetValue = offset.Value,
            OffsetShift = offset.MaxShift,
            OffsetSection = offset.Section,
        };
    }
}
