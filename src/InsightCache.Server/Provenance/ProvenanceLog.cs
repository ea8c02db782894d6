using System.Buffers;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Keeps on disk, within a bound, who voted and who relied on an answer. Safe for concurrent use.</summary>
/// <remarks>
/// Requests hand their records over and never wait for the disk. If it is too slow, records are dropped and the log says so by a gap: what it tells is then complete
/// only since. Fingerprints stand for contents: 8 bytes instead of 32, and of no use to whoever steals the log without the server's key.
/// </remarks>
internal sealed class ProvenanceLog : IAsyncDisposable
{
    private const int QueueLength = 1024;

    private readonly LogSegments _segments;
    private readonly ServerClock _clock;
    private readonly ILogger _logger;
    private readonly Channel<Item> _queue;
    private readonly Task _writing;
    private bool _hasFailed;
    private int _dropped;

    /// <summary>Opens the log of a folder, and begins to write.</summary>
    public ProvenanceLog(string folder, long limit, ServerClock clock, ILogger logger)
    {
        _clock = clock;
        _logger = logger;
        _segments = new LogSegments(folder, limit);
        if (!ProvenanceReader.EndsInGoodOrder(_segments.Files))
        {
            Write(new LogRecord(LogRecordKind.Gap, 0, 0, 0, clock.Second));
        }

        _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
        _writing = Task.Run(WriteAllAsync);
    }

    /// <summary>A record on its way to the disk, or a wish to know that all before it is there.</summary>
    private readonly record struct Item(byte[] Record, int Length, TaskCompletionSource? Flushed);

    /// <summary>Takes a record of the contents whose bits are set.</summary>
    public void Add(LogRecordKind kind, byte lane, uint client, ReadOnlySpan<ulong> fingerprints, ReadOnlySpan<byte> bits)
    {
        byte[] record = ArrayPool<byte>.Shared.Rent(LogRecord.HeaderSize + (fingerprints.Length * sizeof(ulong)));
        Span<ulong> places = MemoryMarshal.Cast<byte, ulong>(record.AsSpan(LogRecord.HeaderSize));
        int count = 0;
        for (int i = 0; i < fingerprints.Length; i++)
        {
            places[count] = fingerprints[i];
            count += (bits[i >> 3] >> (i & 7)) & 1;
        }

        LogRecord header = new(kind, lane, count, client, _clock.Second);
        if (count > 0)
        {
            header.Write(record);
            if (_queue.Writer.TryWrite(new Item(record, header.Size, Flushed: null)))
            {
                return;
            }

            Volatile.Write(ref _dropped, 1);
        }

        ArrayPool<byte>.Shared.Return(record);
    }

    /// <summary>Takes a record of contents, all of them.</summary>
    public void AddAll(LogRecordKind kind, uint client, ReadOnlySpan<ulong> fingerprints)
    {
        Span<byte> bits = stackalloc byte[(fingerprints.Length + 7) / 8];
        bits.Fill(0xFF);
        Add(kind, 0, client, fingerprints, bits);
    }

    /// <summary>Reads the log, up to now.</summary>
    public async Task<ProvenanceReader> ReadAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync(new Item([], 0, flushed), cancellationToken).ConfigureAwait(false);
        await flushed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new ProvenanceReader(_segments.Files);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        _segments.Dispose();
    }

    private async Task WriteAllAsync()
    {
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out Item item))
            {
                Take(item);
            }

            Try(_segments.Flush);
        }

        WriteGapIfDropped();
        Write(new LogRecord(LogRecordKind.End, 0, 0, 0, _clock.Second));
        Try(_segments.Flush);
    }

    private void Take(Item item)
    {
        if (item.Flushed is { } flushed)
        {
            WriteGapIfDropped();
            Try(_segments.Flush);
            flushed.TrySetResult();
            return;
        }

        WriteGapIfDropped();
        Try(() => _segments.Write(item.Record.AsSpan(0, item.Length)));
        ArrayPool<byte>.Shared.Return(item.Record);
    }

    private void WriteGapIfDropped()
    {
        if (Interlocked.Exchange(ref _dropped, 0) != 0)
        {
            Write(new LogRecord(LogRecordKind.Gap, 0, 0, 0, _clock.Second));
        }
    }

    private void Write(LogRecord record)
    {
        byte[] bytes = new byte[LogRecord.HeaderSize];
        record.Write(bytes);
        Try(() => _segments.Write(bytes));
    }

    /// <summary>A disk that takes nothing costs the log and nothing else. What it did not take is a gap, written as soon as it takes something.</summary>
    private void Try(Action write)
    {
        try
        {
            write();
            _hasFailed = false;
        }
        catch (IOException e)
        {
            Volatile.Write(ref _dropped, 1);
            if (!_hasFailed)
            {
                Log.LogNotWritten(_logger, e);
            }

            _hasFailed = true;
        }
    }
}
