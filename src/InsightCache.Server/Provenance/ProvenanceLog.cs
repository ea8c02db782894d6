using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Keeps on disk, within a bound, who voted and who relied on an answer. Safe for concurrent use.</summary>
/// <remarks>
/// Requests add their records to a buffer in memory and never wait for the disk; ten times a second what has gathered is written at once. If the disk is too slow, records
/// are dropped and the log says so by a gap: what it tells is then complete only since. Fingerprints stand for contents: 8 bytes instead of 32, and of no use to whoever
/// steals the log without the server's key.
/// </remarks>
internal sealed class ProvenanceLog : IAsyncDisposable
{
    private const int BufferSize = 16 << 20;

    private static readonly TimeSpan WriteInterval = TimeSpan.FromMilliseconds(100);

    private readonly LogSegments _segments;
    private readonly ServerClock _clock;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _loop;
    private byte[] _filling = new byte[BufferSize];
    private byte[] _spare = new byte[BufferSize];
    private int _filled;
    private bool _isDropping;
    private bool _hasFailed;

    /// <summary>Opens the log of a folder, and begins to write.</summary>
    public ProvenanceLog(string folder, long limit, ServerClock clock, ILogger logger)
    {
        _clock = clock;
        _logger = logger;
        _segments = new LogSegments(folder, limit);
        if (!ProvenanceReader.EndsInGoodOrder(_segments.Files))
        {
            Write(LogRecordKind.Gap);
        }

        _loop = WriteAllAsync();
    }

    /// <summary>Takes a record of the contents whose bits are set.</summary>
    public void Add(LogRecordKind kind, byte lane, uint client, ReadOnlySpan<ulong> fingerprints, ReadOnlySpan<byte> bits)
    {
        Span<ulong> chosen = stackalloc ulong[fingerprints.Length + 1];
        int count = 0;
        for (int i = 0; i < fingerprints.Length; i++)
        {
            chosen[count] = fingerprints[i];
            count += (bits[i >> 3] >> (i & 7)) & 1;
        }

        if (count > 0)
        {
            Add(new LogRecord(kind, lane, count, client, _clock.Second), chosen[..count]);
        }
    }

    /// <summary>Takes a record of contents, all of them.</summary>
    public void AddAll(LogRecordKind kind, uint client, ReadOnlySpan<ulong> fingerprints)
    {
        if (fingerprints.Length > 0)
        {
            Add(new LogRecord(kind, 0, fingerprints.Length, client, _clock.Second), fingerprints);
        }
    }

    /// <summary>Reads the log, up to now. What the disk did not take is missing, also where it did not take the gap either.</summary>
    public async Task<ProvenanceReader> ReadAsync(CancellationToken cancellationToken)
    {
        await WriteGatheredAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            return new ProvenanceReader(_segments.Files, lossAt: _isDropping ? _clock.Second : 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await WriteGatheredAsync(CancellationToken.None).ConfigureAwait(false);
        Write(LogRecordKind.End);
        Try(_segments.Dispose);
        _writing.Dispose();
        _ending.Dispose();
    }

    private void Add(in LogRecord record, ReadOnlySpan<ulong> fingerprints)
    {
        lock (_lock)
        {
            if (_filled + record.Size > BufferSize)
            {
                _isDropping = true;
                return;
            }

            Span<byte> place = _filling.AsSpan(_filled, record.Size);
            MemoryMarshal.AsBytes(fingerprints).CopyTo(place[LogRecord.HeaderSize..]);
            record.Write(place);
            _filled += record.Size;
        }
    }

    private async Task WriteAllAsync()
    {
        using PeriodicTimer timer = new(WriteInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false))
            {
                await WriteGatheredAsync(_ending.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // What is left is written by whoever ends the log.
        }
    }

    /// <summary>Writes what has gathered, and where something was dropped since.</summary>
    private async Task WriteGatheredAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            (byte[] gathered, int length, bool hasDropped) = TakeGathered();
            if (length > 0)
            {
                Try(() => _segments.Write(gathered.AsSpan(0, length)));
            }

            if (hasDropped)
            {
                Write(LogRecordKind.Gap);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    private (byte[] Gathered, int Length, bool HasDropped) TakeGathered()
    {
        lock (_lock)
        {
            (byte[] Gathered, int Length, bool HasDropped) taken = (_filling, _filled, _isDropping);
            (_filling, _spare) = (_spare, _filling);
            (_filled, _isDropping) = (0, false);
            return taken;
        }
    }

    private void Write(LogRecordKind kind)
    {
        byte[] bytes = new byte[LogRecord.HeaderSize];
        new LogRecord(kind, 0, 0, 0, _clock.Second).Write(bytes);
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
            lock (_lock)
            {
                _isDropping = true;
            }

            if (!_hasFailed)
            {
                Log.LogNotWritten(_logger, e);
            }

            _hasFailed = true;
        }
    }
}
