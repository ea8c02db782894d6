using System.Numerics;

namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>An NTFS volume. Its files are listed from the master file table, in one sweep, and not from the indexes of its folders.</summary>
internal sealed class NtfsVolume : FileSystem
{
    private const long VolumeRecord = 3;
    private const long BitmapRecord = 6;

    /// <summary>How much of the bitmap is read at once.</summary>
    private const int WindowSize = 1 << 20;

    private readonly NtfsBootSector _boot;
    private readonly NtfsGeometry _geometry;
    private readonly MasterFileTable _table;
    private readonly NtfsFileReader _files;
    private readonly VolumeInformation _information;
    private readonly List<ImageFault> _faults = [];
    private readonly Lazy<ulong> _journal;

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
        _journal = new Lazy<ulong>(() => ChangeJournal.FindIdentifier(_geometry, _table, _files));
    }

    public override string Name => _information.Version is { } version ? $"NTFS {version}" : "NTFS";

    public override string Label => _information.Label;

    public override ulong SerialNumber => _boot.SerialNumber;

    public override ulong ChangeJournalId => _journal.Value;

    public override int ClusterSize => _boot.ClusterSize;

    public override long? CountUsedBytes()
    {
        byte[] slot = new byte[_geometry.RecordSize];
        long origin = _table.Read(BitmapRecord, slot, out FileRecord record);
        FileEntry? file = _files.Read(BitmapRecord, slot, record, origin, new ExtensionAllowance(0), claims: null, static _ => { });
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
        return new NtfsSweep(_geometry, _table, _files, onFault).Entries(_faults);
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
