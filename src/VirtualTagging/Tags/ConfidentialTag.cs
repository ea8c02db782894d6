namespace Symantec.Virtualization.VirtualTagging;

/// <summary>That the guest's memory is kept from its host.</summary>
/// <param name="Technology">By what.</param>
/// <param name="Paravisor">Whether a paravisor stands between guest and hardware, so that the guest does not see the technology itself.</param>
public sealed record ConfidentialTag(ConfidentialTechnology Technology, bool Paravisor = false);
