using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Writes a table of CPUID as people print it: <c>"40000000": ["40000001", "4b4d564b", "564b4d56", "0000004d"]</c>.</summary>
internal sealed class CpuidTableJsonConverter : JsonConverter<CpuidTable>
{
    /// <summary>Far more than any processor answers: known dumps stay below 150.</summary>
    private const int MaxLeaves = 4096;

    public override CpuidTable Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("cpuid: an object of leaves is needed.");
        }

        List<(uint, uint, CpuidLeaf)> leaves = [];
        Span<uint> registers = stackalloc uint[4];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (leaves.Count == MaxLeaves)
            {
                throw new JsonException($"cpuid: more than {MaxLeaves} leaves.");
            }

            (uint leaf, uint subleaf) = ParseName(reader.GetString()!);
            Expect(reader.Read() && reader.TokenType == JsonTokenType.StartArray, leaf);
            foreach (ref uint register in registers)
            {
                Expect(reader.Read() && reader.TokenType == JsonTokenType.String && TryParseHex(reader.GetString(), out register), leaf);
            }

            Expect(reader.Read() && reader.TokenType == JsonTokenType.EndArray, leaf);
            leaves.Add((leaf, subleaf, new CpuidLeaf(registers[0], registers[1], registers[2], registers[3])));
        }

        return new CpuidTable(leaves);
    }

    public override void Write(Utf8JsonWriter writer, CpuidTable value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach ((uint leaf, uint subleaf, CpuidLeaf registers) in value.Leaves)
        {
            writer.WriteStartArray(subleaf == 0 ? $"{leaf:x8}" : $"{leaf:x8}.{subleaf:x}");
            writer.WriteStringValue($"{registers.Eax:x8}");
            writer.WriteStringValue($"{registers.Ebx:x8}");
            writer.WriteStringValue($"{registers.Ecx:x8}");
            writer.WriteStringValue($"{registers.Edx:x8}");
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static (uint Leaf, uint Subleaf) ParseName(string name)
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        uint subleaf = 0;
        return TryParseHex(dot < 0 ? name : name[..dot], out uint leaf) && (dot < 0 || TryParseHex(name[(dot + 1)..], out subleaf))
            ? (leaf, subleaf)
            : throw new JsonException($"cpuid: '{name}' is not the hexadecimal number of a leaf.");
    }

    private static void Expect(bool holds, uint leaf)
    {
        if (!holds)
        {
            throw new JsonException($"cpuid.{leaf:x8}: four registers in hexadecimal are needed.");
        }
    }

    private static bool TryParseHex(string? text, out uint value)
        => uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
