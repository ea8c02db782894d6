namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Chooses for a signature the anchors without one of which it cannot match, those that are expected least often.</summary>
/// <param name="anchors">For each of its subsignatures the anchors without one of which it has no match; <see langword="null"/> where it may have some all the same.</param>
internal readonly struct AnchorChooser(IReadOnlyList<IReadOnlyList<PatternAnchor>?> anchors)
{
    /// <summary>A table of short anchors costs a pass of its own.</summary>
    private const float ShortPenalty = 0.01f;

    /// <summary>Chooses.</summary>
    /// <returns>The anchors; <see langword="null"/> if the expression can hold where nothing matches.</returns>
    public IReadOnlyList<PatternAnchor>? Choose(LogicalExpression expression) => expression switch
    {
        SubsignatureExpression leaf => leaf.Test.HoldsForNone ? null : anchors[leaf.Id],
        OperatorExpression { Test.HoldsForNone: true } => null,
        OperatorExpression { Operator: (byte)'&' } both => Cheaper(Choose(both.Left), Choose(both.Right)),
        OperatorExpression either => Choose(either.Left) is { } left && Choose(either.Right) is { } right ? [.. left, .. right] : null,
        _ => null,
    };

    private static IReadOnlyList<PatternAnchor>? Cheaper(IReadOnlyList<PatternAnchor>? left, IReadOnlyList<PatternAnchor>? right) =>
        left is null ? right : right is null || Cost(left) <= Cost(right) ? left : right;

    private static float Cost(IReadOnlyList<PatternAnchor> anchors) => anchors.Sum(
        static anchor => anchor.Anchor.Anchor.Frequency + (anchor.Anchor.Anchor.Length == Anchor.Usual ? 0 : ShortPenalty));

    /// <summary>Chooses the rarest of the anchors that the parts of a pattern offer.</summary>
    public static PatternAnchor Rarest(int pattern, IReadOnlyList<PartAnchor> offered)
    {
        PartAnchor best = offered[0];
        foreach (PartAnchor anchor in offered)
        {
            bool isLonger = anchor.Anchor.Length > best.Anchor.Length;
            if (isLonger || (anchor.Anchor.Length == best.Anchor.Length && anchor.Anchor.Frequency < best.Anchor.Frequency))
            {
                best = anchor;
            }
        }

        return new PatternAnchor(pattern, best);
    }
}
