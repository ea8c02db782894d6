using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Reads the raw table of SMBIOS structures: from Windows, or from Linux as root.</summary>
/// <remarks>Source: DMTF DSP0134 3.7, sections 6.1 (structures), 7.1 to 7.4 and 7.12 (types 0, 1, 2, 3 and 11). Of each type the first structure counts. Pure and bounded.</remarks>
internal static class SmbiosTable
{
    private const int HeaderLength = 4;
    private const byte BiosType = 0;
    private const byte SystemType = 1;
    private const byte BoardType = 2;
    private const byte ChassisType = 3;
    private const byte OemStringsType = 11;
    private const byte EndType = 127;

    /// <summary>A table is 16 bits long by specification up to version 2.8, and far below 64 KiB in practice.</summary>
    private const int MaxStructures = 4096;
    private const int MaxStrings = 255;

    /// <summary>Reads the facts. A table that is cut or broken gives those that stand before the break.</summary>
    public static SmbiosFacts Parse(ReadOnlySpan<byte> table)
    {
        SmbiosFacts facts = new();
        int seen = 0;
        for (int i = 0; i < MaxStructures && table.Length >= HeaderLength; i++)
        {
            byte type = table[0];
            int length = table[1];
            if (length < HeaderLength || length > table.Length || type == EndType)
            {
                break;
            }

            ReadOnlySpan<byte> fields = table[..length];
            ReadOnlySpan<byte> rest = table[length..];
            int end = rest.IndexOf((ReadOnlySpan<byte>)[0, 0]);
            ReadOnlySpan<byte> strings = end < 0 ? rest : rest[..end];
            if (type is <= ChassisType or OemStringsType && (seen & (1 << type)) == 0)
            {
                seen |= 1 << type;
                facts = Add(facts, type, fields, strings);
            }

            table = end < 0 ? [] : rest[(end + 2)..];
        }

        return facts;
    }

    private static SmbiosFacts Add(SmbiosFacts facts, byte type, ReadOnlySpan<byte> fields, ReadOnlySpan<byte> strings) => type switch
    {
        BiosType => facts with
        {
            BiosVendor = Text(fields, 0x04, strings),
            BiosVersion = Text(fields, 0x05, strings),
            BiosSegment = fields.Length >= 0x08 ? BinaryPrimitives.ReadUInt16LittleEndian(fields[0x06..]) : null,
            BiosDate = Text(fields, 0x08, strings),
            VirtualMachineBit = fields.Length > 0x13 ? (fields[0x13] & 0x10) != 0 : null,
        },
        SystemType => facts with
        {
            SysVendor = Text(fields, 0x04, strings),
            ProductName = Text(fields, 0x05, strings),
            ProductVersion = Text(fields, 0x06, strings),
            ProductSerial = Text(fields, 0x07, strings),
            ProductUuid = Uuid(fields),
            ProductSku = Text(fields, 0x19, strings),
            ProductFamily = Text(fields, 0x1A, strings),
        },
        BoardType => facts with
        {
            BoardVendor = Text(fields, 0x04, strings),
            BoardName = Text(fields, 0x05, strings),
            BoardVersion = Text(fields, 0x06, strings),
        },
        ChassisType => facts with
        {
            ChassisVendor = Text(fields, 0x04, strings),
            ChassisVersion = Text(fields, 0x06, strings),
            ChassisAssetTag = Text(fields, 0x08, strings),
        },
        _ => facts with { OemStrings = All(strings) },
    };

    private static string? Uuid(ReadOnlySpan<byte> fields)
        => fields.Length >= 0x18 ? new Guid(fields.Slice(0x08, 16)).ToString("D", CultureInfo.InvariantCulture) : null;

    /// <summary>Gets the string whose number, from 1, stands in a field.</summary>
    private static string? Text(ReadOnlySpan<byte> fields, int at, ReadOnlySpan<byte> strings)
    {
        if (at >= fields.Length || fields[at] == 0)
        {
            return null;
        }

        int wanted = fields[at];
        foreach (Range range in strings.Split((byte)0))
        {
            if (--wanted == 0)
            {
                return Encoding.Latin1.GetString(strings[range]).Trim();
            }
        }

        return null;
    }

    private static List<string> All(ReadOnlySpan<byte> strings)
    {
        List<string> all = [];
        foreach (Range range in strings.Split((byte)0))
        {
            if (all.Count < MaxStrings && !strings[range].IsEmpty)
            {
                all.Add(Encoding.Latin1.GetString(strings[range]));
            }
        }

        return all;
    }
}
