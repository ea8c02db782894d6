using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A stream of an OLE2 compound file.</summary>
internal sealed record Ole2Entry(string Name, uint Start, long Length);

/// <summary>The sectors and tables of an OLE2 compound file.</summary>
/// <remarks>Source: Microsoft, "Compound File Binary File Format" [MS-CFB].</remarks>
internal sealed class Ole2Volume
{
    private const int HeaderSize = 512;
    private const int EntrySize = 128;
    private const int HeaderTables = 109;
    private const uint MaxSector = 0xFFFF_FFFA;
    private const byte TypeStream = 2;
    private const byte TypeRoot = 5;

    private readonly MemberWalk _walk;
    private readonly List<uint> _tables = [];
    private readonly int _shift;
    private readonly uint _directory;
    private readonly uint _miniTable;
    private readonly byte[] _tableSector;
    private long _cached = -1;
    private uint _miniStream = MaxSector;

    private Ole2Volume(MemberWalk walk)
    {
        _walk = walk;
        byte[] header = new byte[HeaderSize];
        walk.Read(0, header, "Ole2Header");
        HeaderBytes fields = new(header);
        _shift = fields.U16(30);
        MiniShift = fields.U16(32);
        if (_shift is < 9 or > 16 || MiniShift is < 4 or > 9)
        {
            throw new ArchiveFormatException($"Ole2Header.SectorShift at 0x1E: {_shift} and {MiniShift}");
        }

        _tableSector = new byte[SectorSize];
        _directory = fields.U32(48);
        MiniCutoff = fields.U32(56);
        _miniTable = fields.U32(60);
        ReadTables(fields);
    }

    public int MiniShift { get; }

    public long MiniCutoff { get; }

    public int SectorSize => 1 << _shift;

    /// <summary>Gets how many sectors there can be: a chain that is longer leads in a circle.</summary>
    public long MaxChain => (_walk.Container.Length >> _shift) + 1;

    public static Ole2Volume Open(MemberWalk walk) => new(walk);

    /// <summary>Gets where a sector lies in the file.</summary>
    public long OffsetOf(uint sector) => ((long)sector + 1) << _shift;

    /// <summary>Gets where a piece of the stream that holds all small streams lies in the file.</summary>
    public long MiniOffsetOf(uint piece)
    {
        long at = (long)piece << MiniShift;
        return OffsetOf(Follow(_miniStream, at >> _shift)) + (at & (SectorSize - 1));
    }

    /// <summary>Gets the sector behind a sector; <see langword="null"/> at the end.</summary>
    public uint? Next(uint sector)
    {
        int perTable = SectorSize / 4;
        long table = sector / perTable;
        if (table >= _tables.Count)
        {
            throw new ArchiveFormatException($"Ole2Fat has no entry for sector {sector}");
        }

        return Entry(OffsetOf(_tables[(int)table]), (int)(sector % perTable));
    }

    /// <summary>Gets the piece behind a piece of the stream that holds all small streams; <see langword="null"/> at the end.</summary>
    public uint? NextMini(uint piece)
    {
        int perTable = SectorSize / 4;
        return Entry(OffsetOf(Follow(_miniTable, piece / perTable)), (int)(piece % perTable));
    }

    /// <summary>Reads the directory, entry by entry: also those that no folder names.</summary>
    public IEnumerable<Ole2Entry> Entries()
    {
        byte[] entry = new byte[EntrySize];
        uint? sector = _directory;
        for (long chain = 0; sector is < MaxSector and { } current; chain++, sector = Next(current))
        {
            if (chain > MaxChain)
            {
                throw new ArchiveFormatException("Ole2Directory leads in a circle");
            }

            for (int at = 0; at < SectorSize; at += EntrySize)
            {
                _walk.Read(OffsetOf(current) + at, entry, "Ole2Entry");
                HeaderBytes fields = new(entry);
                int nameLength = Math.Clamp(fields.U16(64) - 2, 0, 62);
                if (entry[66] == TypeRoot)
                {
                    _miniStream = fields.U32(116);
                }
                else if (entry[66] == TypeStream)
                {
                    // Only files with large sectors use the upper half.
                    long length = _shift == 9 ? fields.U32(120) : (long)Math.Min(fields.U64(120), long.MaxValue);
                    yield return new Ole2Entry(Encoding.Unicode.GetString(entry, 0, nameLength & ~1), fields.U32(116), length);
                }
            }
        }
    }

    private void ReadTables(HeaderBytes header)
    {
        uint count = header.U32(44);
        for (int i = 0; i < HeaderTables && _tables.Count < Math.Min(count, MaxChain); i++)
        {
            _tables.Add(header.U32(76 + (i * 4)));
        }

        byte[] sector = new byte[SectorSize];
        uint next = header.U32(68);
        for (long chain = 0; next < MaxSector && _tables.Count < Math.Min(count, MaxChain) && chain <= MaxChain; chain++)
        {
            _walk.Read(OffsetOf(next), sector, "Ole2Difat");
            HeaderBytes fields = new(sector);
            for (int i = 0; i < (SectorSize / 4) - 1 && _tables.Count < count; i++)
            {
                _tables.Add(fields.U32(i * 4));
            }

            next = fields.U32(SectorSize - 4);
        }
    }

    private uint Follow(uint sector, long steps)
    {
        if (steps > MaxChain)
        {
            throw new ArchiveFormatException($"Ole2Chain of {steps} sectors is longer than the file");
        }

        for (; steps > 0; steps--)
        {
            sector = Next(sector) ?? throw new ArchiveFormatException("Ole2Chain ends too early");
        }

        return sector;
    }

    private uint? Entry(long table, int index)
    {
        if (_cached != table)
        {
            _walk.Read(table, _tableSector, "Ole2Fat");
            _cached = table;
        }

        uint next = new HeaderBytes(_tableSector).U32(index * 4);
        return next < MaxSector ? next : null;
    }
}

/// <summary>Reads a stream of an OLE2 compound file along its chain of sectors.</summary>
internal sealed class Ole2Stream(MemberWalk walk, Ole2Volume volume, Ole2Entry entry) : ForwardStream
{
    private readonly bool _isSmall = entry.Length < volume.MiniCutoff;
    private uint? _sector = entry.Length == 0 ? null : entry.Start;
    private int _inSector;
    private long _left = entry.Length;
    private long _chain;

    public override int Read(Span<byte> buffer)
    {
        if (_left == 0 || buffer.Length == 0)
        {
            return 0;
        }

        int size = _isSmall ? 1 << volume.MiniShift : volume.SectorSize;
        if (_inSector == size)
        {
            if (++_chain > volume.MaxChain * (volume.SectorSize >> volume.MiniShift))
            {
                throw new InvalidDataException("Ole2Chain leads in a circle");
            }

            _sector = _isSmall ? volume.NextMini(_sector!.Value) : volume.Next(_sector!.Value);
            _inSector = 0;
        }

        if (_sector is not { } sector)
        {
            return 0;
        }

        int count = (int)Math.Min(Math.Min(buffer.Length, size - _inSector), _left);
        walk.Read((_isSmall ? volume.MiniOffsetOf(sector) : volume.OffsetOf(sector)) + _inSector, buffer[..count], "Ole2Sector");
        _inSector += count;
        _left -= count;
        return count;
    }
}
