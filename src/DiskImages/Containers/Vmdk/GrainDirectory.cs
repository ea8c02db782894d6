using System.Runtime.InteropServices;

namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>Consecutive grains that are missing together or lie one behind the other in the file.</summary>
/// <param name="FirstSector">Where the first grain lies in the file; <see langword="null"/> if the grains are not stored.</param>
/// <param name="Count">The number of grains, at least 1.</param>
internal readonly record struct GrainRun(SectorCount? FirstSector, long Count);

/// <summary>The two-level map of a sparse extent: a directory of grain tables, each a list of the sectors where its grains lie.</summary>
/// <remarks>
/// Tables are read in pages when they are needed and kept in a bounded cache of the disk, so that extents of any number and capacity cost the same memory.
/// A directory entry or a table entry of 0 is a grain that is not stored; 1 is a grain of zeros where the header says so.
/// </remarks>
internal sealed class GrainDirectory
{
    private const int EntrySize = sizeof(uint);

    private readonly ByteSource _file;
    private readonly SparseHeader _header;
    private readonly long _directory;
    private readonly ExtentCaches _caches;
    private readonly int _extent;
    private readonly uint _firstStored;

    public GrainDirectory(ByteSource file, SparseHeader header, SectorCount directory, ExtentCaches caches, int extent)
    {
        _file = file;
        _header = header;
        _directory = directory.Bytes;
        _firstStored = header.Flags.HasFlag(SparseFlags.ZeroedGrains) ? 2u : 1u;
        _caches = caches;
        _extent = extent;

        // The directory must lie in the file; this bounds every later number by the size of what was really sent.
        if (header.TableCount > (file.Length - Math.Min(file.Length, _directory)) / EntrySize)
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Truncated, "GrainDirectory", "", _directory,
                $"{header.TableCount} entries do not fit in a file of {file.Length} bytes"));
        }
    }

    /// <summary>Tells where a grain lies, and how many behind it continue in the same way within its page of the table.</summary>
    public GrainRun RunAt(long grain)
    {
        long table = Math.DivRem(grain, _header.TableEntries, out long index);
        (long page, index) = Math.DivRem(index, ExtentCaches.EntriesPerPage);
        uint[] entries = _caches.Pages.GetOrAdd((_extent, table, (int)page), static (key, self) => self.ReadPage(key.Table, key.Page), this);
        if (entries.Length == 0)
        {
            return new GrainRun(null, _header.TableEntries - (page * ExtentCaches.EntriesPerPage) - index);
        }

        uint first = entries[index];
        bool stored = first >= _firstStored;
        int end = (int)index + 1;
        while (end < entries.Length && Continues(entries[end], first, end - index, stored))
        {
            end++;
        }

        return new GrainRun(stored ? new SectorCount(first) : null, end - index);
    }

    private bool Continues(uint entry, uint first, long distance, bool stored)
        => stored ? entry == first + (distance * _header.GrainSize.Value) : entry < _firstStored;

    /// <summary>Reads a page of a table; a table that is missing as a whole has empty ones.</summary>
    private uint[] ReadPage(long number, int page)
    {
        uint start = 0;
        _file.ReadExactly(_directory + (number * EntrySize), MemoryMarshal.AsBytes(new Span<uint>(ref start)), "GrainDirectory");
        start = FromLittleEndian(start);
        if (start == 0)
        {
            return [];
        }

        int first = page * ExtentCaches.EntriesPerPage;
        uint[] entries = new uint[Math.Min(ExtentCaches.EntriesPerPage, (int)_header.TableEntries - first)];
        _file.ReadExactly(new SectorCount(start).Bytes + (first * EntrySize), MemoryMarshal.AsBytes(entries.AsSpan()), "GrainTable");
        if (!BitConverter.IsLittleEndian)
        {
            System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(entries, entries);
        }

        return entries;
    }

    private static uint FromLittleEndian(uint value)
        => BitConverter.IsLittleEndian ? value : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value);
}
