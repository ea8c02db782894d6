namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Gathers records, each byte at the place of a page at which it will stand in the file: so a disk can take them from here. Not safe for concurrent use.</summary>
internal sealed class LogBuffer : IDisposable
{
    /// <summary>How much may gather: what is more is dropped.</summary>
    public const int Size = 16 << 20;

    /// <summary>Behind what gathers, there is room for a place in the first page and for what fills the last one; a system whose pages are larger gives whole ones only.</summary>
    private readonly SystemMemory _memory = new(Size + Math.Max(3 * LogFile.Page, Environment.SystemPageSize));
    private int _start;

    /// <summary>Gets how many bytes have gathered.</summary>
    public int Filled { get; private set; }

    /// <summary>Gets what has gathered.</summary>
    public ReadOnlySpan<byte> Gathered => At(0, Filled);

    /// <summary>Takes room for a record; none if it is full or closed.</summary>
    /// <param name="size">In bytes; a multiple of 8.</param>
    public Span<byte> Take(int size)
    {
        if (Filled + size > Size || _memory.IsClosed)
        {
            return [];
        }

        Filled += size;
        return At(Filled - size, size);
    }

    /// <summary>Fills the last page, if there is enough for a disk to take it from here.</summary>
    public void FillPage()
    {
        int room = -(_start + Filled) & (LogFile.Page - 1);
        if (Filled < LogFile.DirectFrom || room == 0)
        {
            return;
        }

        room += room < LogRecord.HeaderSize ? LogFile.Page : 0;
        Span<byte> place = At(Filled, room);
        place.Clear();
        new LogRecord(LogRecordKind.Room, 0, (room - LogRecord.HeaderSize) / sizeof(ulong), 0, 0).Write(place);
        Filled += room;
    }

    /// <summary>Forgets what has gathered.</summary>
    /// <param name="end">How long the file will be when the next is written to it.</param>
    public void Restart(long end)
    {
        _start = (int)(end % LogFile.Page);
        Filled = 0;
    }

    public void Dispose() => _memory.Dispose();

    private unsafe Span<byte> At(int offset, int length) => new((byte*)_memory.DangerousGetHandle() + _start + offset, length);
}
