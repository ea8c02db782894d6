using System.Buffers.Binary;
using System.Text;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>The twelve characters by which a hypervisor names itself in CPUID, at 0x40000000 or, behind another interface, 0x100 or more later.</summary>
internal static class CpuidSignatures
{
    public const uint FirstBase = 0x4000_0000;
    public const string MicrosoftHv = "Microsoft Hv";

    private const uint LastBase = 0x4000_FF00;
    private const uint Step = 0x100;

    /// <summary>Interfaces stand one after the other; the kernel's own search gives up no later.</summary>
    private const int MaxEmpty = 8;

    /// <summary>What is known of a signature: the family whose interface it announces, and the product that it speaks for.</summary>
    /// <remarks>KVM's, Hyper-V's and Xen's signature are shown by products of others as well, so they are weak words for the product.</remarks>
    public sealed record Meaning(string Interface, string Product, EvidenceWeight Weight);

    private static readonly Dictionary<string, Meaning> Known = new(StringComparer.Ordinal)
    {
        ["KVMKVMKVM\0\0\0"] = new(Products.Kvm, Products.Kvm, EvidenceWeight.Weak),
        ["Linux KVM Hv"] = new(Products.HyperV, Products.Kvm, EvidenceWeight.Weak),
        ["TCGTCGTCGTCG"] = new(Products.Qemu, Products.Qemu, EvidenceWeight.Strong),
        [MicrosoftHv] = new(Products.HyperV, Products.HyperV, EvidenceWeight.Weak),
        ["VMwareVMware"] = new(Products.Vmware, Products.Vmware, EvidenceWeight.Strong),
        ["XenVMMXenVMM"] = new(Products.Xen, Products.Xen, EvidenceWeight.Weak),
        ["VBoxVBoxVBox"] = new(Products.HyperV, Products.VirtualBox, EvidenceWeight.Strong),
        ["prl hyperv  "] = new(Products.Parallels, Products.Parallels, EvidenceWeight.Strong),
        [" prl hyperv "] = new(Products.Parallels, Products.Parallels, EvidenceWeight.Strong),
        [" lrpepyh  vr"] = new(Products.Parallels, Products.Parallels, EvidenceWeight.Strong),
        ["lrpepyh vr\0\0"] = new(Products.Parallels, Products.Parallels, EvidenceWeight.Strong),
        ["bhyve bhyve "] = new(Products.Bhyve, Products.Bhyve, EvidenceWeight.Strong),
        ["BHyVE BHyVE "] = new(Products.Bhyve, Products.Bhyve, EvidenceWeight.Strong),
        ["ACRNACRNACRN"] = new(Products.Acrn, Products.Acrn, EvidenceWeight.Strong),
        ["QNXQVMBSQG\0\0"] = new(Products.Qnx, Products.Qnx, EvidenceWeight.Strong),
        [" QNXQVMBSQG "] = new(Products.Qnx, Products.Qnx, EvidenceWeight.Strong),
        ["QXNQSBMV\0\0\0\0"] = new(Products.Qnx, Products.Qnx, EvidenceWeight.Strong),
        ["SRESRESRESRE"] = new(Products.Lmhs, Products.Lmhs, EvidenceWeight.Strong),
        ["Apple VZ\0\0\0\0"] = new(Products.AppleVirtualization, Products.AppleVirtualization, EvidenceWeight.Strong),
        ["OpenBSDVMM58"] = new(Products.OpenBsdVmm, Products.OpenBsdVmm, EvidenceWeight.Strong),
        ["___ NVMM ___"] = new(Products.Nvmm, Products.Nvmm, EvidenceWeight.Strong),
        ["HAXMHAXMHAXM"] = new(Products.Haxm, Products.Haxm, EvidenceWeight.Strong),
        ["UnisysSpar64"] = new(Products.UnisysSpar, Products.UnisysSpar, EvidenceWeight.Strong),
        ["Jailhouse\0\0\0"] = new(Products.Jailhouse, Products.Jailhouse, EvidenceWeight.Strong),
        ["EVMMEVMMEVMM"] = new(Products.IntelKgt, Products.IntelKgt, EvidenceWeight.Strong),
        ["LKVMLKVMLKVM"] = new(Products.Kvm, Products.Kvmtool, EvidenceWeight.Strong),
        ["SimpleVisor "] = new(Products.Hobby, Products.Hobby, EvidenceWeight.Strong),
        ["Barevisor!\0\0"] = new(Products.Hobby, Products.Hobby, EvidenceWeight.Strong),
        ["MiniVisor\0\0\0"] = new(Products.Hobby, Products.Hobby, EvidenceWeight.Strong),
        ["NoirVisor ZT"] = new(Products.Hobby, Products.Hobby, EvidenceWeight.Strong),
        ["HyperPlatfor"] = new(Products.Hobby, Products.Hobby, EvidenceWeight.Strong),
    };

    /// <summary>Gets the signatures of a table: where each stands, its text, and what is known of it.</summary>
    public static IReadOnlyList<(uint Base, string Text, Meaning? Meaning)> Read(CpuidTable cpuid)
    {
        List<(uint, string, Meaning?)> signatures = [];
        CpuidLeaf? outOfRange = cpuid.Find(0) is { } first ? cpuid.Find(first.Eax) : null;
        int empty = 0;
        for (uint at = FirstBase; at <= LastBase && empty < MaxEmpty; at += Step)
        {
            if (cpuid.Find(at) is { } leaf && Text(leaf) is { } text && leaf != outOfRange)
            {
                Meaning? meaning = Known.GetValueOrDefault(text);
                // An unknown word counts if the leaf also says how many leaves follow, as every hypervisor's does.
                if (meaning is not null || (leaf.Eax >= at && leaf.Eax < at + Step))
                {
                    signatures.Add((at, text, meaning));
                    empty = 0;
                    continue;
                }
            }

            empty++;
        }

        return signatures;
    }

    /// <summary>Gets the maker of the processor (leaf 0).</summary>
    public static string? Maker(CpuidTable cpuid) => cpuid.Find(0) is { } leaf ? Text(leaf with { Ecx = leaf.Edx, Edx = leaf.Ecx }) : null;

    /// <summary>Gets the characters of EBX, ECX and EDX, or <see langword="null"/> if they are no text.</summary>
    public static string? Text(CpuidLeaf leaf)
    {
        Span<byte> bytes = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, leaf.Ebx);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], leaf.Ecx);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], leaf.Edx);
        int length = bytes.IndexOf((byte)0);
        ReadOnlySpan<byte> text = length < 0 ? bytes : bytes[..length];
        return text.Length >= 4 && !text.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? Encoding.ASCII.GetString(bytes) : null;
    }
}
