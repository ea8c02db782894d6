using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Reads firmware tables through Windows, which needs no rights.</summary>
[SupportedOSPlatform("windows")]
internal static partial class FirmwareTables
{
    /// <summary>The provider of ACPI tables: the characters <c>ACPI</c>, the first in the highest byte.</summary>
    public const uint Acpi = 0x4143_5049;

    /// <summary>The provider of the raw SMBIOS table: <c>RSMB</c>.</summary>
    public const uint RawSmbios = 0x5253_4D42;

    private const int MaxLength = 1 << 20;

    public static IReadOnlyList<uint> List(uint provider)
    {
        uint length = EnumSystemFirmwareTables(provider, [], 0);
        if (length is 0 or > MaxLength)
        {
            return [];
        }

        byte[] buffer = new byte[length];
        length = Math.Min(EnumSystemFirmwareTables(provider, buffer, length), length);
        List<uint> ids = [];
        for (int at = 0; at + sizeof(uint) <= length; at += sizeof(uint))
        {
            ids.Add(BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at)));
        }

        return ids;
    }

    public static byte[]? Read(uint provider, uint table)
    {
        uint length = GetSystemFirmwareTable(provider, table, [], 0);
        if (length is 0 or > MaxLength)
        {
            return null;
        }

        byte[] buffer = new byte[length];
        uint read = GetSystemFirmwareTable(provider, table, buffer, length);
        return read == 0 || read > length ? null : buffer[..(int)read];
    }

    [LibraryImport("kernel32.dll")]
    private static partial uint EnumSystemFirmwareTables(uint provider, Span<byte> buffer, uint length);

    [LibraryImport("kernel32.dll")]
    private static partial uint GetSystemFirmwareTable(uint provider, uint table, Span<byte> buffer, uint length);
}
