using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Keeps on disk, within a bound, who voted and who relied on an answer. Safe for concurrent use.</summary>
/// <remarks>
/// Requests add their records to a buffer in memory and never wait for the disk; what has gathered is written ten times a second, or as soon as it is worth a call. If the disk is too slow, records are dropped and the log says so by a gap: what it tells is
/// then complete only since. Fingerprints stand for contents: 8 bytes instead of 32, and of no use to whoever steals the log without the server's key.
/// </remarks>
internal sealed class ProvenanceLog : IAsyncDisposable
{
    private static readonly TimeSpan WriteInterval = TimeSpan.FromMilliseconds(100);

    private readonly LogSegments _segments;
    private readonly ServerClock _clock;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _enough = new(0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _loop;
    private LogBuffer _filling = new();
    private LogBuffer _spare = new();
    private int _enoughBytes;
    private bool _isDropping;
    private bool _hasFailed;
    private bool _isClosed;

    /// <summary>Opens the log of a folder, and begins to write.</summary>
    public ProvenanceLog(string folder, long limit, ServerClock clock, ILogger logger)
    {
        _clock = clock;
        _logger = logger;
        _segments = new LogSegments(folder, limit);
        _enoughBytes = _segments.Enough;
        if (!ProvenanceReader.EndsInGoodOrder([.. _segments.Files.SkipLast(1)]))
        {
            Write(LogRecordKind.Gap);
        }

        _loop = WriteAllAsync();
    }

    /// <summary>Takes a record of the contents whose bits are set; none are beyond the last content.</summary>
    public void Add(LogRecordKind kind, byte lane, uint client, ReadOnlySpan<ulong> fingerprints, ReadOnlySpan<byte> bits)
    {
        int count = 0;
        foreach (byte eight in bits)
        {
            count += BitOperations.PopCount(eight);
        }

        if (count == 0)
        {
            return;
        }

        LogRecord record = new(kind, lane, count, client, _clock.Second);
        lock (_lock)
        {
            if (TryTakePlace(record, out Span<byte> place, out Span<ulong> chosen))
            {
                for (int i = 0, taken = 0; taken < count; i++)
                {
                    chosen[taken] = fingerprints[i];
                    taken += (bits[i >> 3] >> (i & 7)) & 1;
                }

                record.Write(place);
            }
        }
    }

    /// <summary>Takes a record of contents, all of them.</summary>
    public void AddAll(LogRecordKind kind, uint client, ReadOnlySpan<ulong> fingerprints)
    {
        if (fingerprints.Length == 0)
        {
            return;
        }

        LogRecord record = new(kind, 0, fingerprints.Length, client, _clock.Second);
        lock (_lock)
        {
            if (TryTakePlace(record, out Span<byte> place, out Span<ulong> all))
            {
                fingerprints.CopyTo(all);
                record.Write(place);
            }
        }
    }

    /// <summary>Reads the log, up to now. What the disk did not take is missing, also where it did not take the gap either.</summary>
    public async Task<ProvenanceReader> ReadAsync(CancellationToken cancellationToken)
    {
        // Whoever asks may serve connections, and this waits for the disk.
        await Task.Yield();
        await WriteGatheredAsync(cancellationToken).ConfigureAwait(false);

        // Not under the lock, which every lookup needs.
        IReadOnlyList<string> files = _segments.Files;
        lock (_lock)
        {
            return new ProvenanceReader(files, lossAt: _isDropping ? _clock.Second : 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await WriteGatheredAsync(CancellationToken.None).ConfigureAwait(false);
        await _writing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _isClosed = true;

        // What the disk did not take at last is as lost as by a crash.
        Write(_isDropping ? LogRecordKind.Gap : LogRecordKind.End);
        Try(_segments.Dispose);
        lock (_lock)
        {
            // Who adds now finds no room.
            _filling.Dispose();
            _spare.Dispose();
        }

        _writing.Release();
        _writing.Dispose();
        _enough.Dispose();
        _ending.Dispose();
    }

    /// <summary>Finds the place of a record and of its fingerprints in the buffer; if there is none, it is dropped. Under the lock.</summary>
    private bool TryTakePlace(in LogRecord record, out Span<byte> place, out Span<ulong> fingerprints)
    {
        place = _filling.Take(record.Size);
        _isDropping |= place.IsEmpty;

        // Records are whole numbers of 8 bytes, so that those of all are aligned.
        fingerprints = place.IsEmpty ? [] : MemoryMarshal.Cast<byte, ulong>(place[LogRecord.HeaderSize..]);
        if (_filling.Filled >= _enoughBytes && _filling.Filled - place.Length < _enoughBytes)
        {
            _enough.Release();
        }

        return !place.IsEmpty;
    }

    private async Task WriteAllAsync()
    {
        try
        {
            while (true)
            {
                await _enough.WaitAsync(WriteInterval, _ending.Token).ConfigureAwait(false);
                await WriteGatheredAsync(_ending.Token).ConfigureAwait(false);
                if (_hasFailed)
                {
                    // A disk that takes nothing is not asked more often because much has gathered.
                    await Task.Delay(WriteInterval, _ending.Token).ConfigureAwait(false);
                }
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
            ObjectDisposedException.ThrowIf(_isClosed, this);
            (LogBuffer gathered, bool hasDropped) = TakeGathered();
            if (gathered.Filled > 0)
            {
                Try(() => _segments.Write(gathered.Gathered));
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

    private (LogBuffer Gathered, bool HasDropped) TakeGathered()
    {
        lock (_lock)
        {
            (LogBuffer Gathered, bool HasDropped) taken = (_filling, _isDropping);
            (_filling, _spare) = (_spare, _filling);
            taken.Gathered.FillPage();
            _filling.Restart(_segments.EndAfter(taken.Gathered.Filled));
            (_enoughBytes, _isDropping) = (_segments.Enough, false);
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
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
