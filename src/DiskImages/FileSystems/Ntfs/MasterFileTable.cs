namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>The master file table: one record for each file of the volume, the table itself being the first.</summary>
internal sealed class MasterFileTable
{
    /// <summary>
    /// The records that describe the file system itself end here. Those up to 23 are set aside for it, too, and left empty: what has a name there is somebody's.
    /// </summary>
    public const long FirstSpareRecord = 12;

    /// <summary>A user's first file comes here.</summary>
    public const long FirstUserRecord = 24;

    private const string Structure = "MasterFileTable";

    /// <summary>The bitmap grows ahead of the table, a few clusters at a time.</summary>
    private const int MaxBitmapTail = 4 << 20;

    private readonly NtfsGeometry _geometry;
    private readonly NonResidentSource _content;
    private readonly ByteSource? _bitmap;

    private MasterFileTable(NtfsGeometry geometry, NonResidentSource content, ByteSource? bitmap, IReadOnlyList<ImageFault> faults)
    {
        _geometry = geometry;
        _content = content;
        _bitmap = bitmap;
        Faults = faults;
        RecordCount = content.Length / geometry.RecordSize;
    }

    public long RecordCount { get; }

    /// <summary>Gets the table's bytes.</summary>
    public ByteSource Content => _content;

    /// <summary>Gets what is wrong with the table's own record; parts of the table may be missing.</summary>
    public IReadOnlyList<ImageFault> Faults { get; }

    /// <summary>Opens the table: its first record says where it lies, if need be through further records that it maps itself.</summary>
    public static MasterFileTable Open(NtfsGeometry geometry, Lcn start)
    {
        long origin = geometry.OffsetOf(start);
        byte[] slot = new byte[geometry.RecordSize];
        geometry.Volume.ReadExactly(origin, slot, FileRecord.Structure);
        if (FileRecord.MarkOf(slot) != FileRecordMark.File)
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.InvalidValue, FileRecord.Structure, "Signature", origin, "the table's first record is not \"FILE\""));
        }

        FileRecord record = FileRecord.Parse(slot, origin);
        List<ImageFault> faults = record.Torn is null ? [] : [record.Torn];
        List<AttributeListEntry> list = [];
        NonResidentSource? content = null;
        ByteSource? bitmap = null;
        AttributeWalk walk = new(slot, record, origin);
        while (TryMove(ref walk, isFound: content is not null, faults))
        {
            NtfsAttribute attribute = walk.Current;
            switch (attribute.Type)
            {
                case AttributeType.AttributeList:
                    list = AttributeListReader.Read(attribute, geometry);
                    break;
                case AttributeType.Data when attribute.IsNonResident && attribute.Name.Length == 0 && attribute.LowestVcn.Value == 0:
                    JoinedRuns runs = AddExtents(geometry, attribute.DecodeRuns(geometry), list, faults);
                    content = OpenContent(geometry, runs, attribute, origin, faults);
                    break;
                case AttributeType.Bitmap when attribute.IsNonResident:
                    bitmap = new NonResidentSource(geometry, attribute.DecodeRuns(geometry), attribute.DataSize, attribute.InitializedSize);
                    break;
                default:
                    break;
            }
        }

        if (content is null)
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Missing, Structure, "Data", origin, "the table's first record has no data runs"));
        }

        MasterFileTable table = new(geometry, content, bitmap, faults);
        table.CheckBitmap(origin, faults);
        return table;
    }

    /// <summary>Goes to the table's next attribute; once its data is found, damage behind it ends the walk and nothing else.</summary>
    private static bool TryMove(ref AttributeWalk walk, bool isFound, List<ImageFault> faults)
    {
        try
        {
            return walk.MoveNext();
        }
        catch (ImageFormatException e) when (isFound)
        {
            faults.Add(e.Fault);
            return false;
        }
    }

    /// <summary>Checks that no record is in use behind the table's end: whoever lowers its size hides files.</summary>
    private void CheckBitmap(long origin, List<ImageFault> faults)
    {
        if (_bitmap is null)
        {
            return;
        }

        long first = RecordCount / 8;
        byte[] bits = new byte[Math.Clamp(_bitmap.Length - first, 1, MaxBitmapTail)];
        try
        {
            int read = _bitmap.Read(first, bits);
            bits[0] &= unchecked((byte)(0xFF << (int)(RecordCount % 8)));
            int used = bits.AsSpan(0, read).IndexOfAnyExcept((byte)0);
            if (used >= 0 || _bitmap.Length - first > MaxBitmapTail)
            {
                faults.Add(new ImageFault(
                    ImageFaultKind.Mismatch, Structure, "Bitmap", origin,
                    $"the table has {RecordCount} records, and its bitmap says that there are more"));
            }
        }
        catch (ImageFormatException e)
        {
            faults.Add(e.Fault);
        }
    }

    /// <summary>Tells whether the table's bitmap says that a record is in use; also where the bitmap cannot say.</summary>
    public bool IsAllocated(long number)
    {
        Span<byte> bits = stackalloc byte[1];
        try
        {
            return _bitmap is null || _bitmap.Read(number / 8, bits) == 0 || (bits[0] & (1 << (int)(number % 8))) != 0;
        }
        catch (ImageFormatException)
        {
            return true;
        }
    }

    /// <summary>Reads a record by its number.</summary>
    /// <param name="number">The number.</param>
    /// <param name="slot">Room for one record.</param>
    /// <param name="record">The record's header.</param>
    /// <returns>The record's offset on the volume.</returns>
    /// <exception cref="ImageFormatException">There is no such record, or it cannot be read.</exception>
    public long Read(long number, Span<byte> slot, out FileRecord record)
    {
        if (number >= RecordCount)
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.InvalidValue, Structure, "", 0, $"record {number} is asked for, the table has {RecordCount}"));
        }

        long origin = OriginOf(number);
        _content.ReadExactly(number * _geometry.RecordSize, slot, FileRecord.Structure);
        if (FileRecord.MarkOf(slot) != FileRecordMark.File)
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.InvalidValue, FileRecord.Structure, "Signature", origin, $"record {number} is not \"FILE\""));
        }

        record = FileRecord.Parse(slot, origin);
        return origin;
    }

    /// <summary>Reads a record that is said to be, or to continue, a file's record.</summary>
    /// <param name="file">The file.</param>
    /// <param name="holder">The record that is said to belong to it.</param>
    /// <param name="slot">Room for one record.</param>
    /// <param name="record">The record's header.</param>
    /// <returns>The record's offset on the volume.</returns>
    /// <exception cref="ImageFormatException">The record cannot be read, or belongs to another file.</exception>
    public long ReadPartOf(FileReference file, FileReference holder, Span<byte> slot, out FileRecord record)
    {
        long origin = Read(holder.Record, slot, out record);
        FileReference owner = record.IsExtension ? record.Base : new FileReference(holder.Record, record.Sequence);
        return owner == file && record.Sequence == holder.Sequence && record.IsInUse
            ? origin
            : throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Mismatch, FileRecord.Structure, "BaseFileRecord", origin,
                $"{holder} should belong to {file}, and belongs to {owner}"));
    }

    /// <summary>Tells where a record lies on the volume, as far as the table's runs tell.</summary>
    public long OriginOf(long number) => _content.VolumeOffsetOf(number * _geometry.RecordSize) ?? 0;

    /// <summary>Opens the table as far as it can be: its records must lie somewhere, and each somewhere else.</summary>
    private static NonResidentSource OpenContent(NtfsGeometry geometry, JoinedRuns runs, NtfsAttribute attribute, long origin, List<ImageFault> faults)
    {
        // Both sizes are the same on every volume that is at rest; with a smaller one, the records behind it would be lost.
        long length = Math.Max(attribute.DataSize, attribute.InitializedSize);
        if (attribute.DataSize != attribute.InitializedSize)
        {
            faults.Add(new ImageFault(
                ImageFaultKind.Mismatch, Structure, "InitializedSize", origin,
                $"{attribute.InitializedSize} bytes are said to be written of a table of {attribute.DataSize}"));
        }

        long possible = Math.Min(geometry.Volume.Length, geometry.BytesOf(runs.End));
        if (length > possible)
        {
            faults.Add(new ImageFault(
                ImageFaultKind.LimitExceeded, Structure, "DataSize", origin, $"{length} bytes are said to be written, there is room for {possible}"));
        }

        length = Math.Min(length, possible);
        return new NonResidentSource(geometry, runs, length, length);
    }

    /// <summary>Adds the runs that other records hold; each of them must lie in a part of the table that is known already.</summary>
    private static JoinedRuns AddExtents(NtfsGeometry geometry, RunList runs, List<AttributeListEntry> list, List<ImageFault> faults)
    {
        JoinedRuns known = new(runs);
        byte[] slot = new byte[geometry.RecordSize];
        try
        {
            foreach (AttributeListEntry entry in list
                .Where(static entry => entry is { Type: AttributeType.Data, Name: "", LowestVcn.Value: > 0 })
                .OrderBy(static entry => entry.LowestVcn))
            {
                if (entry.LowestVcn != known.End)
                {
                    throw new ImageFormatException(new ImageFault(
                        ImageFaultKind.Mismatch, Structure, "AttributeList", 0,
                        $"a piece begins at {entry.LowestVcn}, the one before ends at {known.End}"));
                }

                long length = geometry.BytesOf(known.End);
                MasterFileTable reader = new(geometry, new NonResidentSource(geometry, known, length, length), bitmap: null, []);
                long origin = reader.Read(entry.Holder.Record, slot, out FileRecord record);
                known.Add(AttributeListReader.FindRuns(slot, record, origin, entry, geometry));
            }
        }
        catch (ImageFormatException e)
        {
            // What is mapped up to here can be read; reading behind it is a fault of its own.
            faults.Add(e.Fault);
        }

        return known;
    }
}
