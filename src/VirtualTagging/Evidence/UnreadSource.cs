namespace Symantec.Virtualization.VirtualTagging;

/// <summary>A source of evidence that is there, and could not be read: what it would have said is not known.</summary>
/// <param name="Source">The kind of source.</param>
/// <param name="Key">Which one: a path, a leaf, a registry key.</param>
/// <param name="Why">Why it could not be read.</param>
/// <param name="Decides">Whether a machine cannot be called physical without it: true of the processor's word and of the firmware's name for the machine.</param>
public sealed record UnreadSource(EvidenceSource Source, string Key, string Why, bool Decides = false);
