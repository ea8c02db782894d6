namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>One sweep over the master file table. Not safe for concurrent use.</summary>
internal sealed class NtfsSweep(NtfsGeometry geometry, MasterFileTable table, NtfsFileReader files, Action<ImageFault> onFault)
{
    /// <summary>How much of the table is read at once.</summary>
    private const int WindowSize = 1 << 20;

    private readonly FaultLimit _faults = new(onFault);
    private readonly ExtensionAllowance _allowance = new(table.RecordCount);
    private readonly ExtensionClaims _claims = new();

    /// <summary>Lists every file and folder.</summary>
    /// <param name="known">What is known to be wrong with the volume.</param>
    public IEnumerable<FileEntry> Entries(IReadOnlyList<ImageFault> known)
    {
        foreach (ImageFault fault in known)
        {
            _faults.Add(fault);
        }

        int size = geometry.RecordSize;
        byte[] window = new byte[WindowSize];
        int perWindow = WindowSize / size;
        for (long first = 0; first < table.RecordCount;)
        {
            long hole = HoleAt(first);
            if (hole > 0)
            {
                first += hole;
                continue;
            }

            int count = (int)Math.Min(perWindow, table.RecordCount - first);
            ReadWindow(first, window.AsSpan(0, count * size));
            for (int i = 0; i < count; i++)
            {
                if (ReadEntry(first + i, window.AsSpan(i * size, size)) is { } entry)
                {
                    yield return entry;
                }
            }

            first += count;
        }

        ReportUnclaimed();
        _faults.Finish();
    }

    /// <summary>Reports each record that says it continues a file, where that file does not say so: whoever sets that one field hides a file.</summary>
    private void ReportUnclaimed()
    {
        foreach (long number in _claims.Unclaimed())
        {
            _faults.Add(new ImageFault(
                ImageFaultKind.Mismatch, FileRecord.Structure, "BaseFileRecord", table.OriginOf(number),
                $"record {number} says that it continues another one, which does not name it; it was not read"));
        }

        if (_claims.IsOverfull)
        {
            _faults.Add(new ImageFault(
                ImageFaultKind.LimitExceeded, FileRecord.Structure, "BaseFileRecord", 0, "more records continue others than are compared"));
        }
    }

    /// <summary>Counts the records from one on that are not stored, and so were never used.</summary>
    private long HoleAt(long first)
    {
        try
        {
            ByteRun run = table.Content.RunAt(first * geometry.RecordSize);
            return run.IsStored ? 0 : run.Length / geometry.RecordSize;
        }
        catch (ImageFormatException)
        {
            // Reading the window meets the same fault, and reports it.
            return 0;
        }
    }

    /// <summary>Reads a part of the table; where that fails, as many of its records as can be read.</summary>
    private void ReadWindow(long first, Span<byte> window)
    {
        try
        {
            table.Content.ReadExactly(first * geometry.RecordSize, window, FileRecord.Structure);
        }
        catch (ImageFormatException e)
        {
            _faults.Add(e.Fault);
            ReadOneByOne(first, window);
        }
    }

    private void ReadOneByOne(long first, Span<byte> window)
    {
        int size = geometry.RecordSize;
        for (int at = 0; at < window.Length; at += size)
        {
            Span<byte> slot = window.Slice(at, size);
            try
            {
                table.Content.ReadExactly((first * size) + at, slot, FileRecord.Structure);
            }
            catch (ImageFormatException)
            {
                // The window's fault stands for all of its records.
                slot.Clear();
            }
        }
    }

    private FileEntry? ReadEntry(long number, Span<byte> slot)
    {
        FileRecordMark mark = FileRecord.MarkOf(slot);
        if (mark == FileRecordMark.Blank)
        {
            return null;
        }

        long origin = table.OriginOf(number);
        try
        {
            if (mark == FileRecordMark.File)
            {
                FileRecord record = FileRecord.Parse(slot, origin);
                if (record is { IsInUse: true, IsExtension: true })
                {
                    _claims.Meet(number);
                }

                return record is { IsInUse: true, IsExtension: false } ? files.Read(number, slot, record, origin, _allowance, _claims, _faults.Add) : null;
            }

            if (table.IsAllocated(number))
            {
                _faults.Add(new ImageFault(
                    ImageFaultKind.InvalidValue, FileRecord.Structure, "Signature", origin,
                    mark == FileRecordMark.Bad ? $"record {number} is marked \"BAAD\"" : $"record {number} is in use and not \"FILE\""));
            }
        }
        catch (ImageFormatException e)
        {
            _faults.Add(e.Fault);
        }
        catch (OverflowException e)
        {
            _faults.Add(ImageFormatException.From(e, FileRecord.Structure, origin).Fault);
        }

        return null;
    }
}
