using System.Runtime.InteropServices;
using BitFaster.Caching.Lru;

namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>Consecutive grains that are missing together or lie one behind the other in the file.</summary>
/// <param name="FirstSector">Where the first grain lies in the file; <see langword="null"/> if the grains are not stored.</param>
/// <param name="Count">The number of grains, at least 1.</param>
internal readonly record struct GrainRun(SectorCount? FirstSector, long Count);

/// <summary>The two-level map of a sparse extent: a directory of grain tables, each a list of the sectors where its grains lie.</summary>
/// <remarks>
/// Tables are read when they are needed and kept in a bounded cache, so that an extent of any capacity costs the same memory.
/// A directory entry or a table entry of 0 is a grain that is not stored; 1 is a grain of zeros where the header says so.
/// </remarks>
internal sealed class GrainDirectory
{
    /// <summary>2 MiB of VMware's tables: they map 32 GiB.</summary>
    private const int CachedTables = 1024;

    private const int EntrySize = sizeof(uint);

    private readonly ByteSource _file;
    private readonly SparseHeader _header;
    private readonly long _directory;
    private readonly ConcurrentLru<long, uint[]> _tables;
    private readonly uint _firstStored;

    public GrainDirectory(ByteSource file, SparseHeader header, SectorCount directory)
    {
        _file = file;
        _header = header;
        _directory = directory.Bytes;
        _firstStored = header.Flags.HasFlag(SparseFlags.ZeroedGrains) ? 2u : 1u;
        _tables = new ConcurrentLru<long, uint[]>(Math.Max(3, CachedTables * 512 / Math.Max(512, header.TableEntries)));

        // The directory must lie in the file; this bounds every later number by the size of what was really sent.
        if (header.TableCount > (file.Length - Math.Min(file.Length, _directory)) / EntrySize)
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Truncated, "GrainDirectory", "", _directory,
                $"{header.TableCount} entries do not fit in a file of {file.Length} bytes"));
        }
    }

    /// <summary>Tells where a grain lies, and how many behind it continue in the same way within its table.</summary>
    public GrainRun RunAt(long grain)
    {
        long table = Math.DivRem(grain, _header.TableEntries, out long index);
        uint[] entries = _tables.GetOrAdd(table, static (number, self) => self.ReadTable(number), this);
        if (entries.Length == 0)
        {
            return new GrainRun(null, _header.TableEntries - index);
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

    /// <summary>Reads a table; one that is missing as a whole is empty.</summary>
    private uint[] ReadTable(long number)
    {
        uint start = 0;
        _file.ReadExactly(_directory + (number * EntrySize), MemoryMarshal.AsBytes(new Span<uint>(ref start)), "GrainDirectory");
        start = FromLittleEndian(start);
        if (start == 0)
        {
            return [];
        }

        uint[] entries = new uint[_header.TableEntries];
        _file.ReadExactly(new SectorCount(start).Bytes, MemoryMarshal.AsBytes(entries.AsSpan()), "GrainTable");
        if (!BitConverter.IsLittleEndian)
        {
            System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(entries, entries);
        }

        return entries;
    }

    private static uint FromLittleEndian(uint value)
        => BitConverter.IsLittleEndian ? value : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value);
}
