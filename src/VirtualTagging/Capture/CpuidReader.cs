using System.Runtime.Intrinsics.X86;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Asks the processor. In a virtual machine each question costs a microsecond or more, so only what decides is asked.</summary>
internal static class CpuidReader
{
    private const uint HypervisorBit = 1u << 31;
    private const uint Step = 0x100;
    private const int MaxBases = 16;

    /// <summary>Hyper-V's leaves that tell versions, rights and isolation; Xen's and KVM's stand among the first.</summary>
    private static readonly uint[] Following = [1, 2, 3, 4, 0xC];

    public static CpuidTable Read()
    {
        if (!X86Base.IsSupported)
        {
            return CpuidTable.Empty;
        }

        List<(uint, uint, CpuidLeaf)> leaves = [];
        CpuidLeaf first = Ask(0);
        CpuidLeaf features = Ask(1);
        leaves.Add((0, 0, first));
        leaves.Add((1, 0, features));
        if (first.Eax is > 1 and < 0x100)
        {
            leaves.Add((first.Eax, 0, Ask(first.Eax)));     // what Intel's processors answer to a number out of range
        }

        if (first.Eax is >= 0x21 and < 0x100)
        {
            leaves.Add((0x21, 0, Ask(0x21)));
        }

        bool hypervisor = (features.Ecx & HypervisorBit) != 0;
        for (uint i = 0, empty = 0; i < (hypervisor ? MaxBases : 1) && empty < 8; i++)
        {
            uint at = CpuidSignatures.FirstBase + (i * Step);
            CpuidLeaf leaf = Ask(at);
            bool names = CpuidSignatures.Text(leaf) is not null;
            empty = names ? 0 : empty + 1;
            if (i > 0 && !names)
            {
                continue;
            }

            leaves.Add((at, 0, leaf));
            foreach (uint next in Following)
            {
                if (names && hypervisor && (at + next <= leaf.Eax || next == 1))
                {
                    leaves.Add((at + next, 0, Ask(at + next)));
                }
            }
        }

        return new CpuidTable(leaves);
    }

    private static CpuidLeaf Ask(uint leaf)
    {
        (int eax, int ebx, int ecx, int edx) = X86Base.CpuId(unchecked((int)leaf), 0);
        return unchecked(new((uint)eax, (uint)ebx, (uint)ecx, (uint)edx));
    }
}
