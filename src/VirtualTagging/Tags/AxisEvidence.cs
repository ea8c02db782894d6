namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What one answer of a tag stands on.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Answer">The answer.</param>
/// <param name="For">The evidence that says so, the heaviest first.</param>
/// <param name="Against">The evidence that says otherwise, the heaviest first.</param>
public sealed record AxisEvidence(TagAxis Axis, string Answer, IReadOnlyList<Finding> For, IReadOnlyList<Finding> Against);
