using System.Buffers.Binary;
using Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

namespace Symantec.Virtualization.DiskImages.Tests.FileSystems.Ntfs;

/// <summary>Changes records of the tiny NTFS volume, as an attacker would: with a valid update sequence.</summary>
internal sealed class NtfsEditor
{
    private const int RecordSize = 1024;

    private readonly MasterFileTable _table;
    private readonly NtfsGeometry _geometry;

    public NtfsEditor()
    {
        Bytes = [.. TinyImage.Load("ntfs").Bytes];
        NtfsBootSector boot = NtfsBootSector.Parse(Bytes.AsSpan(0, 512), 0);
        byte[] original = [.. Bytes];
        _geometry = new NtfsGeometry(new MemorySource(original), boot.ClusterSize, boot.ClusterCount, boot.RecordSize);
        _table = MasterFileTable.Open(_geometry, boot.MftStart);
        Numbers = new NtfsFormat().Open(new MemorySource(original)).EnumerateEntries(static _ => { })
            .SelectMany(static entry => entry.Paths.Select(path => (path, (long)(entry.Id & 0xFFFF_FFFF_FFFF)))).ToDictionary();
    }

    public byte[] Bytes { get; }

    private Dictionary<string, long> Numbers { get; }

    public long NumberOf(string path) => Numbers[path];

    public long OriginOf(long number) => _table.OriginOf(number);

    public byte[] RecordOf(string path)
    {
        byte[] record = Bytes.AsSpan((int)OriginOf(NumberOf(path)), RecordSize).ToArray();
        FileRecord.Parse(record, 0);
        return record;
    }

    public void Change(string path, Action<byte[]> change) => Change(NumberOf(path), change);

    public void Change(long number, Action<byte[]> change)
    {
        byte[] record = Bytes.AsSpan((int)OriginOf(number), RecordSize).ToArray();
        FileRecord.Parse(record, 0);
        change(record);
        Put(number, record);
    }

    /// <summary>Writes a record, with its update sequence.</summary>
    public void Put(long number, byte[] record)
    {
        int array = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(4));
        for (int i = 1; i <= RecordSize / 512; i++)
        {
            record.AsSpan((i * 512) - 2, 2).CopyTo(record.AsSpan(array + (2 * i)));
            record.AsSpan(array, 2).CopyTo(record.AsSpan((i * 512) - 2));
        }

        record.CopyTo(Bytes, OriginOf(number));
    }

    /// <summary>Changes the entries of a file's attribute list that fit, wherever the list lies.</summary>
    public void ChangeList(string path, Func<AttributeListEntry, bool> fits, Action<byte[]> change)
    {
        byte[] record = RecordOf(path);
        int at = Find(record, AttributeType.AttributeList);
        NtfsAttribute list = new(record.AsSpan(at), 0);
        if (list.IsNonResident)
        {
            RunList runs = list.DecodeRuns(_geometry);
            byte[] bytes = new byte[list.DataSize];
            NonResidentSource source = new(_geometry, runs, bytes.Length, bytes.Length);
            source.ReadExactly(0, bytes, "test");
            ChangeEntries(bytes, fits, change);
            for (int i = 0; i < bytes.Length; i += _geometry.ClusterSize)
            {
                bytes.AsSpan(i, Math.Min(_geometry.ClusterSize, bytes.Length - i)).CopyTo(Bytes.AsSpan((int)source.VolumeOffsetOf(i)!.Value));
            }

            return;
        }

        int value = (int)list.ValueOrigin + at;
        byte[] resident = record.AsSpan(value, list.Value.Length).ToArray();
        ChangeEntries(resident, fits, change);
        resident.CopyTo(record, value);
        Put(NumberOf(path), record);
    }

    public (List<FileEntry> Entries, List<ImageFault> Faults) Read()
    {
        List<ImageFault> faults = [];
        return ([.. new NtfsFormat().Open(new MemorySource(Bytes)).EnumerateEntries(faults.Add)], faults);
    }

    public static int Find(byte[] record, AttributeType type)
    {
        int at = BinaryPrimitives.ReadUInt16LittleEndian(record.AsSpan(0x14));
        while (BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(at)) != (uint)type)
        {
            at += BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(at + 4));
        }

        return at;
    }

    private static void ChangeEntries(byte[] list, Func<AttributeListEntry, bool> fits, Action<byte[]> change)
    {
        for (int at = 0; at + 0x1A <= list.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(list.AsSpan(at + 4));
            byte[] entry = list[at..(at + length)];
            if (fits(AttributeListEntry.ParseAll(entry, 0)[0]))
            {
                change(entry);
                entry.CopyTo(list, at);
            }

            at += length;
        }
    }
}
