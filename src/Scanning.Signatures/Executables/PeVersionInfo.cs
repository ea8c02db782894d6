using System.Collections.Frozen;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Finds the keys of a Windows program's version information: where signatures with the offset form <c>VI</c> match.</summary>
/// <remarks>Source: Microsoft, "VS_VERSIONINFO structure"; as strict, and as lenient, as ClamAV's pe.c.</remarks>
internal static class PeVersionInfo
{
    private const uint TypeVersion = 16;
    private const int MaxResources = 16;

    /// <summary>Larger version information does not occur: its length fields have 16 bits.</summary>
    private const int MaxResourceSize = 1 << 16;

    private const int BlockHeaderSize = 6;
    private const int MinStringSize = 16;
    private const int StringTableHeaderSize = 24;
    private const int FixedInfoSize = 0x34;
    private const int FixedInfoAt = 0x28;
    private const uint FixedInfoMagic = 0xFEEF04BD;

    private static readonly byte[] RootKey = Encoding.Unicode.GetBytes("VS_VERSION_INFO\0");
    private static readonly byte[] VariablesKey = Encoding.Unicode.GetBytes("VarFileInfo\0");
    private static readonly byte[] StringsKey = Encoding.Unicode.GetBytes("StringFileInfo\0");

    /// <summary>Gets the offsets in the file of all keys that have a value.</summary>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public static IReadOnlySet<long> Find(ScanContent content, PeDirectories pe)
    {
        HashSet<long> keys = [];
        Span<byte> entry = stackalloc byte[8];
        foreach (uint address in PeResources.Find(content, pe, TypeVersion, MaxResources))
        {
            if (pe.OffsetOf(address) is not { } offset || !HeaderBytes.TryRead(content, offset, entry))
            {
                continue;
            }

            HeaderBytes data = new(entry);
            if (pe.OffsetOf(data.U32(0)) is { } start && data.U32(4) is > 4 and { } size)
            {
                byte[] bytes = new byte[Math.Min(size, MaxResourceSize)];
                AddKeys(bytes.AsSpan(0, content.Read(start, bytes)), start, keys);
            }
        }

        return keys.Count == 0 ? FrozenSet<long>.Empty : keys;
    }

    private static void AddKeys(ReadOnlySpan<byte> bytes, long origin, HashSet<long> keys)
    {
        int headerSize = BlockHeaderSize + RootKey.Length + 2 + FixedInfoSize;
        if (bytes.Length <= headerSize
            || Length(bytes) is var size && (size > bytes.Length || size <= headerSize)
            || Length(bytes[2..]) != FixedInfoSize
            || !bytes[BlockHeaderSize..].StartsWith(RootKey)
            || BitConverter.ToUInt32(bytes[FixedInfoAt..]) != FixedInfoMagic)
        {
            return;
        }

        bytes = bytes[headerSize..size];
        origin += headerSize;
        for (bool variablesSeen = false; bytes.Length > BlockHeaderSize;)
        {
            int child = Length(bytes);
            if (child > bytes.Length)
            {
                return;
            }

            ReadOnlySpan<byte> key = bytes[BlockHeaderSize..];
            if (!variablesSeen && child > BlockHeaderSize + VariablesKey.Length && key.StartsWith(VariablesKey))
            {
                variablesSeen = true;
                bytes = bytes[child..];
                origin += child;
                continue;
            }

            int start = BlockHeaderSize + StringsKey.Length;
            if (child > start && key.StartsWith(StringsKey))
            {
                AddKeysOfTables(bytes[start..child], origin + start, keys);
            }

            return;
        }
    }

    private static void AddKeysOfTables(ReadOnlySpan<byte> tables, long origin, HashSet<long> keys)
    {
        while (tables.Length > BlockHeaderSize)
        {
            int size = Length(tables);
            if (size > tables.Length || size <= StringTableHeaderSize
                || !AddKeysOfStrings(tables[StringTableHeaderSize..size], origin + StringTableHeaderSize, keys))
            {
                return;
            }

            tables = tables[size..];
            origin += size;
        }
    }

    /// <returns><see langword="false"/> if a string makes no sense, so that what follows makes none either.</returns>
    private static bool AddKeysOfStrings(ReadOnlySpan<byte> strings, long origin, HashSet<long> keys)
    {
        while (strings.Length > BlockHeaderSize)
        {
            int size = Align(Length(strings));
            if (size > strings.Length || size <= MinStringSize)
            {
                return false;
            }

            int keyEnd = BlockHeaderSize;
            while (keyEnd + 1 < size && (strings[keyEnd] | strings[keyEnd + 1]) != 0)
            {
                keyEnd += 2;
            }

            // A key that fills the string, and one with an empty value, are left out.
            if (size - Align(keyEnd + 2) > 2)
            {
                keys.Add(origin + BlockHeaderSize);
            }

            strings = strings[size..];
            origin += size;
        }

        return true;
    }

    private static int Length(ReadOnlySpan<byte> block) => BitConverter.ToUInt16(block);

    private static int Align(int size) => (size + 3) & ~3;
}
