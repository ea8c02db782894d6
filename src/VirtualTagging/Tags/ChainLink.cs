namespace Symantec.Virtualization.VirtualTagging;

/// <summary>One layer between the hardware and the process.</summary>
/// <param name="Layer">Its product or runtime: <c>vmware</c>, <c>hyperv</c>, <c>docker</c> ...</param>
/// <param name="Role">What the operating system is to it; <see cref="PartitionRole.None"/> for a container.</param>
public sealed record ChainLink(string Layer, PartitionRole Role);
