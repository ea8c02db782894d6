using System.Numerics;

namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>An NTFS volume. Its files are listed from the master file table, in one sweep, and not from the indexes of its folders.</summary>
internal sealed class NtfsVolume : FileSystem
{
    private const long VolumeRecord = 3;
    private const long BitmapRecord = 6;

    /// <summary>How much of the table, and of other long structures, is read at once.</summary>
    private const int WindowSize = 1 << 20;

    private readonly NtfsBootSector _boot;
    private readonly NtfsGeometry _geometry;
    private readonly MasterFileTable _table;
    private readonly NtfsFileReader _files;
    private readonly VolumeInformation _information;
    private readonly List<ImageFault> _faults = [];

    public NtfsVolume(ByteSource volume, NtfsBootSector boot)
    {
        _boot = boot;
        _geometry = new NtfsGeometry(volume, boot.ClusterSize, boot.ClusterCount, boot.RecordSize);
        _table = MasterFileTable.Open(_geometry, boot.MftStart);
        _files = new NtfsFileReader(_geometry, _table, new DirectoryPaths(FindFolder));
        if (boot.FaultOfLength(volume.Length) is { } cut)
        {
            _faults.Add(cut);
        }

        _faults.AddRange(_table.Faults);
        _information = ReadInformation();
    }

    public override string Name => _information.Version is { } version ? $"NTFS {version}" : "NTFS";

    public override string Label => _information.Label;

    public override ulong SerialNumber => _boot.SerialNumber;

    public override int ClusterSize => _boot.ClusterSize;

    public override long? CountUsedBytes()
    {
        byte[] slot = new byte[_geometry.RecordSize];
        long origin = _table.Read(BitmapRecord, slot, out FileRecord record);
        FileEntry? file = _files.Read(BitmapRecord, slot, record, origin, static _ => { });
        DataStream? stream = file?.Streams.FirstOrDefault(static stream => stream.Name.Length == 0);
        if (stream is null)
        {
            return null;
        }

        using ByteSource bitmap = stream.Open();
        byte[] window = new byte[WindowSize];
        long length = Math.Min(bitmap.Length, (_geometry.ClusterCount + 7) / 8);
        long used = 0;
        for (long offset = 0; offset < length;)
        {
            int count = bitmap.Read(offset, window.AsSpan(0, (int)Math.Min(window.Length, length - offset)));
            foreach (byte bits in window.AsSpan(0, count))
            {
                used += BitOperations.PopCount(bits);
            }

            offset += count;
        }

        return used * _geometry.ClusterSize;
    }

    public override IEnumerable<FileEntry> EnumerateEntries(Action<ImageFault> onFault)
    {
        ArgumentNullException.ThrowIfNull(onFault);
        return Sweep(onFault);
    }

    private IEnumerable<FileEntry> Sweep(Action<ImageFault> onFault)
    {
        _faults.ForEach(onFault);
        int size = _geometry.RecordSize;
        byte[] window = new byte[WindowSize];
        int perWindow = WindowSize / size;
        for (long first = 0; first < _table.RecordCount;)
        {
            long hole = HoleAt(first);
            if (hole > 0)
            {
                first += hole;
                continue;
            }

            int count = (int)Math.Min(perWindow, _table.RecordCount - first);
            ReadWindow(first, window.AsSpan(0, count * size), onFault);
            for (int i = 0; i < count; i++)
            {
                if (ReadEntry(first + i, window.AsSpan(i * size, size), onFault) is { } entry)
                {
                    yield return entry;
                }
            }

            first += count;
        }
    }

    /// <summary>Counts the records from one on that are not stored, and so were never used.</summary>
    private long HoleAt(long first)
    {
        try
        {
            ByteRun run = _table.Content.RunAt(first * _geometry.RecordSize);
            return run.IsStored ? 0 : run.Length / _geometry.RecordSize;
        }
        catch (ImageFormatException)
        {
            // Reading the window meets the same fault, and reports it.
            return 0;
        }
    }

    /// <summary>Reads a part of the table; where that fails, as many of its records as can be read.</summary>
    private void ReadWindow(long first, Span<byte> window, Action<ImageFault> onFault)
    {
        try
        {
            _table.Content.ReadExactly(first * _geometry.RecordSize, window, FileRecord.Structure);
        }
        catch (ImageFormatException e)
        {
            onFault(e.Fault);
            ReadOneByOne(first, window);
        }
    }

    private void ReadOneByOne(long first, Span<byte> window)
    {
        int size = _geometry.RecordSize;
        for (int at = 0; at < window.Length; at += size)
        {
            Span<byte> slot = window.Slice(at, size);
            try
            {
                _table.Content.ReadExactly((first * size) + at, slot, FileRecord.Structure);
            }
            catch (ImageFormatException)
            {
                // The window's fault stands for all of its records.
                slot.Clear();
            }
        }
    }

    private FileEntry? ReadEntry(long number, Span<byte> slot, Action<ImageFault> onFault)
    {
        FileRecordMark mark = FileRecord.MarkOf(slot);
        if (mark == FileRecordMark.Blank)
        {
            return null;
        }

        long origin = _table.OriginOf(number);
        try
        {
            if (mark == FileRecordMark.File)
            {
                FileRecord record = FileRecord.Parse(slot, origin);
                return record.IsInUse && !record.IsExtension ? _files.Read(number, slot, record, origin, onFault) : null;
            }

            if (_table.IsAllocated(number))
            {
                onFault(new ImageFault(
                    ImageFaultKind.InvalidValue, FileRecord.Structure, "Signature", origin,
                    mark == FileRecordMark.Bad ? $"record {number} is marked \"BAAD\"" : $"record {number} is in use and not \"FILE\""));
            }
        }
        catch (ImageFormatException e)
        {
            onFault(e.Fault);
        }
        catch (OverflowException e)
        {
            onFault(ImageFormatException.From(e, FileRecord.Structure, origin).Fault);
        }

        return null;
    }

    /// <summary>Finds the name of a folder; what is no folder, or cannot be read, has none.</summary>
    private DirectoryPaths.FolderName? FindFolder(long number)
    {
        try
        {
            byte[] slot = new byte[_geometry.RecordSize];
            long origin = _table.Read(number, slot, out FileRecord record);
            return record is { IsInUse: true, IsDirectory: true, IsExtension: false }
                ? _files.ReadFolderName(number, slot, record, origin)
                : null;
        }
        catch (Exception e) when (e is ImageFormatException or OverflowException)
        {
            // The sweep meets the record too, and reports it.
            return null;
        }
    }

    private VolumeInformation ReadInformation()
    {
        try
        {
            byte[] slot = new byte[_geometry.RecordSize];
            long origin = _table.Read(VolumeRecord, slot, out FileRecord record);
            return VolumeInformation.Parse(slot, record, origin);
        }
        catch (ImageFormatException e)
        {
            _faults.Add(e.Fault);
            return new VolumeInformation("", null);
        }
    }
}
