namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Which tables compiled definitions have, and in which order they are kept.</summary>
internal static class DefinitionTablesFormat
{
    private static readonly int[] HashSizes = [16, 20, 32];

    public static void Write(TableWriter writer, DefinitionTables tables)
    {
        foreach (HashTables hashes in (IEnumerable<HashTables>)[tables.Files, tables.Allowed, tables.Sections, tables.Imports])
        {
            foreach (HashTable table in hashes.Tables)
            {
                WriteHashes(writer, table.Columns);
            }
        }

        SignatureImage image = tables.Image;
        writer.WriteArray<byte>(image.Code);
        writer.WriteArray<byte>(image.Names);
        writer.WriteArray<PartRecord>(image.Parts);
        writer.WriteArray<PatternRecord>(image.Patterns);
        writer.WriteArray<SignatureRecord>(image.Signatures);
        writer.WriteArray<ByteComparison>(image.Comparisons);
        writer.WriteArray<RegexRecord>(image.Regexes);
        for (int target = 0; target < SignatureImageBuilder.Targets; target++)
        {
            writer.WriteArray(image.Anchors[target].Slots);
            writer.WriteArray(image.Anchors[target].Records);
            writer.WriteArray(image.ShortAnchors[target].Slots);
            writer.WriteArray(image.ShortAnchors[target].Records);
            writer.WriteArray<int>(image.Always[target]);
        }
    }

    /// <exception cref="InvalidDataException">A table cannot be what it says.</exception>
    /// <exception cref="EndOfStreamException">Something is missing.</exception>
    public static DefinitionTables Read(TableReader reader)
    {
        HashTables[] hashes = [ReadHashes(reader), ReadHashes(reader), ReadHashes(reader), ReadHashes(reader)];
        byte[] code = reader.ReadArray<byte>();
        byte[] names = reader.ReadArray<byte>();
        PartRecord[] parts = reader.ReadArray<PartRecord>();
        PatternRecord[] patterns = reader.ReadArray<PatternRecord>();
        SignatureRecord[] signatures = reader.ReadArray<SignatureRecord>();
        ByteComparison[] comparisons = reader.ReadArray<ByteComparison>();
        RegexRecord[] regexes = reader.ReadArray<RegexRecord>();
        AnchorTable[] anchors = new AnchorTable[SignatureImageBuilder.Targets];
        AnchorTable[] shortAnchors = new AnchorTable[SignatureImageBuilder.Targets];
        int[][] always = new int[SignatureImageBuilder.Targets][];
        for (int target = 0; target < SignatureImageBuilder.Targets; target++)
        {
            anchors[target] = new AnchorTable(reader.ReadArray<AnchorSlot>(), reader.ReadArray<AnchorRecord>());
            shortAnchors[target] = new AnchorTable(reader.ReadArray<AnchorSlot>(), reader.ReadArray<AnchorRecord>());
            always[target] = reader.ReadArray<int>();
        }

        return new DefinitionTables
        {
            Files = hashes[0],
            Allowed = hashes[1],
            Sections = hashes[2],
            Imports = hashes[3],
            Image = new SignatureImage
            {
                Code = code,
                Names = names,
                Parts = parts,
                Patterns = patterns,
                Signatures = signatures,
                Comparisons = comparisons,
                Regexes = regexes,
                Anchors = anchors,
                ShortAnchors = shortAnchors,
                Always = always,
            },
        };
    }

    private static void WriteHashes(TableWriter writer, HashTableColumns columns)
    {
        writer.WriteArray<UInt128>(columns.Keys);
        writer.WriteArray<byte>(columns.Tails);
        writer.WriteArray<uint>(columns.Sizes);
        writer.WriteArray<int>(columns.Names);
        writer.WriteArray<byte>(columns.Text);
        writer.WriteArray<uint>(columns.KnownSizes);
    }

    private static HashTables ReadHashes(TableReader reader) => new(Array.ConvertAll(HashSizes, size => new HashTable(size, new HashTableColumns
    {
        Keys = reader.ReadArray<UInt128>(),
        Tails = reader.ReadArray<byte>(),
        Sizes = reader.ReadArray<uint>(),
        Names = reader.ReadArray<int>(),
        Text = reader.ReadArray<byte>(),
        KnownSizes = reader.ReadArray<uint>(),
    })));
}
