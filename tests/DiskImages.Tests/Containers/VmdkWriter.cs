using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Symantec.Virtualization.DiskImages.Tests.Containers;

/// <summary>Writes sparse VMDK extents into memory, in every shape that the format allows and no tool writes on demand.</summary>
internal sealed class VmdkWriter
{
    public const int Sector = 512;

    public uint GrainSectors { get; init; } = 8;

    public uint TableEntries { get; init; } = 512;

    /// <summary>Gets a value indicating whether grains of zeros are marked by 1, and not left out.</summary>
    public bool MarkZeros { get; init; }

    public bool Compress { get; init; }

    public bool Markers { get; init; } = true;

    /// <summary>Gets a value indicating whether the directory is known only to a footer.</summary>
    public bool Footer { get; init; }

    /// <summary>Gets the order in which grains are put into the file; any other number is another order.</summary>
    public int OrderSeed { get; init; }

    public string? Descriptor { get; init; }

    public byte[] Write(ReadOnlySpan<byte> disk)
    {
        int grainSize = (int)GrainSectors * Sector;
        long capacity = (disk.Length + Sector - 1) / Sector;
        int grains = (disk.Length + grainSize - 1) / grainSize;
        int tables = (grains + (int)TableEntries - 1) / (int)TableEntries;
        using MemoryStream file = new();
        file.SetLength(Sector * 64);
        file.Position = file.Length;
        uint[] entries = new uint[tables * (int)TableEntries];
        int[] order = [.. Enumerable.Range(0, grains)];
        new Random(OrderSeed).Shuffle(order);
        foreach (int grain in OrderSeed == 0 ? Enumerable.Range(0, grains) : order)
        {
            byte[] bytes = new byte[grainSize];
            ReadOnlySpan<byte> source = disk[(grain * grainSize)..Math.Min(disk.Length, (grain + 1) * grainSize)];
            source.CopyTo(bytes);
            if (!source.ContainsAnyExcept((byte)0))
            {
                entries[grain] = MarkZeros ? 1u : 0u;
                continue;
            }

            entries[grain] = (uint)(file.Position / Sector);
            WriteGrain(file, bytes, (ulong)grain * GrainSectors);
        }

        long[] tableSectors = WriteTables(file, entries, tables);
        long directory = file.Position / Sector;
        foreach (long sector in tableSectors)
        {
            file.Write(Le32((uint)sector));
        }

        Pad(file);
        if (Footer)
        {
            Marker(file, 1, 0, 3);
            file.Write(Header(capacity, (ulong)directory));
            Marker(file, 0, 0, 0);
        }

        byte[] image = file.ToArray();
        Header(capacity, Footer ? ulong.MaxValue : (ulong)directory).CopyTo(image, 0);
        Encoding.UTF8.GetBytes(Descriptor ?? "").CopyTo(image, Sector);
        return image;
    }

    private long[] WriteTables(MemoryStream file, uint[] entries, int tables)
    {
        long[] sectors = new long[tables];
        for (int i = 0; i < tables; i++)
        {
            ReadOnlySpan<uint> table = entries.AsSpan(i * (int)TableEntries, (int)TableEntries);
            if (!table.ContainsAnyExcept(0u))
            {
                continue;
            }

            sectors[i] = file.Position / Sector;
            foreach (uint entry in table)
            {
                file.Write(Le32(entry));
            }

            Pad(file);
        }

        return sectors;
    }

    private void WriteGrain(MemoryStream file, byte[] bytes, ulong lba)
    {
        if (!Compress)
        {
            file.Write(bytes);
            return;
        }

        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(bytes);
        }

        if (Markers)
        {
            byte[] head = new byte[12];
            BinaryPrimitives.WriteUInt64LittleEndian(head, lba);
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), (uint)packed.Length);
            file.Write(head);
        }

        file.Write(packed.ToArray());
        Pad(file);
    }

    private byte[] Header(long capacity, ulong directory)
    {
        byte[] header = new byte[Sector];
        uint flags = 1 | (MarkZeros ? 4u : 0) | (Compress ? 1u << 16 : 0) | (Compress && Markers ? 1u << 17 : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x564D444B);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(0x04), Compress ? 3u : MarkZeros ? 2u : 1u);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(0x08), flags);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(0x0C), (ulong)capacity);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(0x14), GrainSectors);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(0x1C), Descriptor is null ? 0u : 1u);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(0x24), Descriptor is null ? 0u : 20u);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(0x2C), TableEntries);
        BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(0x38), directory);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x4D), Compress ? (ushort)1 : (ushort)0);
        return header;
    }

    private static void Marker(MemoryStream file, ulong value, uint size, uint type)
    {
        byte[] marker = new byte[Sector];
        BinaryPrimitives.WriteUInt64LittleEndian(marker, value);
        BinaryPrimitives.WriteUInt32LittleEndian(marker.AsSpan(8), size);
        BinaryPrimitives.WriteUInt32LittleEndian(marker.AsSpan(12), type);
        file.Write(marker);
    }

    private static void Pad(MemoryStream file) => file.Write(new byte[(Sector - (file.Position % Sector)) % Sector]);

    private static byte[] Le32(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
