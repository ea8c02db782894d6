using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Asks Windows for the hypervisor's leaves as its kernel saw them, where the processor has no CPUID (arm64).</summary>
/// <remarks>SystemHypervisorDetailInformation (159) holds seven leaves: vendor, interface, version, features, hardware features, enlightenments, limits.</remarks>
internal static partial class HypervisorDetail
{
    private const int InformationClass = 159;
    private const int LeafLength = 16;

    private static readonly uint[] Leaves = [0x4000_0000, 0x4000_0001, 0x4000_0002, 0x4000_0003, 0x4000_0006, 0x4000_0004, 0x4000_0005];

    [SupportedOSPlatform("windows")]
    public static CpuidTable Read()
    {
        byte[] buffer = new byte[Leaves.Length * LeafLength];
        try
        {
            if (NtQuerySystemInformation(InformationClass, buffer, (uint)buffer.Length, out _) != 0)
            {
                return CpuidTable.Empty;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return CpuidTable.Empty;
        }

        return Parse(buffer);
    }

    /// <summary>Reads the leaves; a machine without a hypervisor has zeros for its vendor.</summary>
    internal static CpuidTable Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Leaves.Length * LeafLength || !bytes[4..LeafLength].ContainsAnyExcept((byte)0))
        {
            return CpuidTable.Empty;
        }

        List<(uint, uint, CpuidLeaf)> leaves = [];
        for (int i = 0; i < Leaves.Length; i++)
        {
            ReadOnlySpan<byte> leaf = bytes.Slice(i * LeafLength, LeafLength);
            leaves.Add((Leaves[i], 0, new(
                BinaryPrimitives.ReadUInt32LittleEndian(leaf),
                BinaryPrimitives.ReadUInt32LittleEndian(leaf[4..]),
                BinaryPrimitives.ReadUInt32LittleEndian(leaf[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(leaf[12..]))));
        }

        return new CpuidTable(leaves);
    }

    [SupportedOSPlatform("windows")]
    [LibraryImport("ntdll.dll")]
    private static partial int NtQuerySystemInformation(int informationClass, Span<byte> buffer, uint length, out uint needed);
}
