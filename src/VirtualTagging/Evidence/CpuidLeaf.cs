namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What the processor answers for one leaf of CPUID.</summary>
/// <param name="Eax">The register EAX.</param>
/// <param name="Ebx">The register EBX.</param>
/// <param name="Ecx">The register ECX.</param>
/// <param name="Edx">The register EDX.</param>
public readonly record struct CpuidLeaf(uint Eax, uint Ebx, uint Ecx, uint Edx);
