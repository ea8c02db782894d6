using System.Globalization;
using System.Text.Json;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Management.Client;

/// <summary>There is no room for results, on the disk and in memory. What was to be kept is still with whoever wanted to keep it.</summary>
public sealed class SpoolFullException : IOException
{
    /// <summary>Initializes a new instance of the <see cref="SpoolFullException"/> class.</summary>
    /// <param name="message">What is full.</param>
    /// <param name="innerException">Why.</param>
    public SpoolFullException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// Results on their way to the manager. Each batch is a file with its identifier, on the disk before it counts as kept and until the manager has said that it has it; sent twice, the manager
/// counts it once. Where the disk takes nothing, batches wait in memory and go to the disk as soon as it does. Safe for concurrent use.
/// </summary>
public sealed class ResultSpool
{
    /// <summary>How many batches wait in memory at most, while the disk takes nothing.</summary>
    public const int MaxInMemory = 256;

    private const string Suffix = ".json";
    private const string RefusedSuffix = ".refused";
    private const int MaxRefused = 16;

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly long _limit;
    private readonly TimeProvider _time;
    private readonly SortedDictionary<long, Entry> _entries = [];
    private long _bytes;
    private long _next;

    /// <summary>Initializes a new instance of the <see cref="ResultSpool"/> class, with what was not sent before.</summary>
    /// <param name="folder">The folder for the batches; it is made if it is not there.</param>
    /// <param name="limit">How many bytes wait on the disk at most.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <exception cref="IOException">The folder cannot be made or read.</exception>
    public ResultSpool(string folder, long limit, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
        _limit = limit;
        _time = time ?? TimeProvider.System;
        StateFile.MakeFolder(folder);
        foreach (string path in Directory.EnumerateFiles(folder))
        {
            string name = Path.GetFileName(path);
            if (name.EndsWith(Suffix, StringComparison.Ordinal) && long.TryParse(name.AsSpan(0, name.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            {
                long length = new FileInfo(path).Length;
                _entries.Add(number, new Entry(null, length));
                _bytes += length;
                _next = Math.Max(_next, number);
            }
            else if (name.EndsWith(".partial", StringComparison.Ordinal))
            {
                // It never counted as kept.
                StateFile.TryDelete(path);
            }
        }
    }

    /// <summary>Gets how many batches wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Gets how many of them wait in memory, since the disk takes nothing: they are lost if the process ends now.</summary>
    public int InMemory
    {
        get
        {
            lock (_lock)
            {
                return _entries.Values.Count(static entry => entry.Memory is not null);
            }
        }
    }

    /// <summary>Keeps results until the manager has them. More than a batch may hold becomes several.</summary>
    /// <param name="scans">Scans that ended.</param>
    /// <param name="detections">What was found.</param>
    /// <param name="savings">What was not scanned.</param>
    /// <returns>Whether they are on the disk; otherwise they wait in memory.</returns>
    /// <exception cref="SpoolFullException">There is no room; nothing of it was kept.</exception>
    /// <exception cref="JsonException">Something is not as a manager takes it; nothing of it was kept.</exception>
    public bool Add(IReadOnlyList<ScanDocument>? scans = null, IReadOnlyList<DetectionDocument>? detections = null, IReadOnlyList<SavingDocument>? savings = null)
    {
        List<byte[]> batches = [.. Split(scans ?? [], detections ?? [], savings ?? [], _time.GetUtcNow()).Select(static batch =>
        {
            batch.Validate();
            return JsonSerializer.SerializeToUtf8Bytes(batch, ManagementJson.Default.ResultBatch);
        })];
        lock (_lock)
        {
            long length = batches.Sum(static batch => (long)batch.Length);
            if (_bytes + length > _limit)
            {
                throw new SpoolFullException($"{_bytes} bytes of results wait already, and {_limit} may.");
            }

            FlushMemory();
            int waiting = _entries.Values.Count(static entry => entry.Memory is not null);
            List<long> added = [];
            foreach (byte[] batch in batches)
            {
                long number = ++_next;
                Exception? refused = TryWrite(number, batch);
                if (refused is not null && ++waiting > MaxInMemory)
                {
                    added.ForEach(Drop);
                    throw new SpoolFullException($"The disk takes no results, and {MaxInMemory} batches wait in memory.", refused);
                }

                _entries.Add(number, new Entry(refused is null ? null : batch, batch.Length));
                _bytes += batch.Length;
                added.Add(number);
            }

            return added.TrueForAll(number => _entries[number].Memory is null);
        }
    }

    /// <summary>Finds the oldest batch that waits.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="ticket">What <see cref="Remove"/> and <see cref="SetAside"/> know it by.</param>
    /// <returns><see langword="false"/> if none waits, or it cannot be read just now.</returns>
    public bool TryPeek(out ResultBatch? batch, out long ticket)
    {
        lock (_lock)
        {
            FlushMemory();
            while (_entries.Count > 0)
            {
                (ticket, Entry entry) = _entries.First();
                byte[]? json = entry.Memory ?? StateFile.TryRead(PathOf(ticket), int.MaxValue);
                if (json is null)
                {
                    if (File.Exists(PathOf(ticket)))
                    {
                        // It cannot be read just now; later it may.
                        break;
                    }

                    Drop(ticket);
                    continue;
                }

                try
                {
                    batch = JsonSerializer.Deserialize(json, ManagementJson.Default.ResultBatch);
                    if (batch is not null)
                    {
                        return true;
                    }
                }
                catch (JsonException)
                {
                    // Somebody else has written into the folder. One file that is no batch holds up no others.
                }

                SetAsideCore(ticket);
            }
        }

        batch = null;
        ticket = 0;
        return false;
    }

    /// <summary>Forgets a batch that the manager has.</summary>
    /// <param name="ticket">What <see cref="TryPeek"/> has told.</param>
    public void Remove(long ticket)
    {
        lock (_lock)
        {
            Drop(ticket);
        }
    }

    /// <summary>Puts a batch aside that the manager will never take, for somebody to look at; the last 16 are kept.</summary>
    /// <param name="ticket">What <see cref="TryPeek"/> has told.</param>
    public void SetAside(long ticket)
    {
        lock (_lock)
        {
            SetAsideCore(ticket);
        }
    }

    /// <summary>Cuts results into batches that a manager takes.</summary>
    internal static IEnumerable<ResultBatch> Split(
        IReadOnlyList<ScanDocument> scans, IReadOnlyList<DetectionDocument> detections, IReadOnlyList<SavingDocument> savings, DateTimeOffset now)
    {
        // Half of what is allowed: texts that have to be escaped grow.
        ScanDocument[][] scanPieces = [.. scans.Chunk(WireLimits.MaxScans / 2)];
        DetectionDocument[][] detectionPieces = [.. detections.Chunk(WireLimits.MaxDetections / 2)];
        SavingDocument[][] savingPieces = [.. savings.Chunk(WireLimits.MaxSavings / 2)];
        DateTimeOffset created = Possible(now);
        int count = Math.Max(scanPieces.Length, Math.Max(detectionPieces.Length, savingPieces.Length));
        for (int i = 0; i < count; i++)
        {
            yield return new ResultBatch
            {
                Id = Guid.CreateVersion7(created),
                Created = created,
                Scans = i < scanPieces.Length ? [.. scanPieces[i].Select(static scan => scan with { Started = Possible(scan.Started) })] : [],
                Detections = i < detectionPieces.Length ? [.. detectionPieces[i].Select(static detection => detection with { Time = Possible(detection.Time) })] : [],
                Savings = i < savingPieces.Length ? [.. savingPieces[i].Select(static saving => saving with { Day = Possible(saving.Day) })] : [],
            };
        }
    }

    /// <summary>A clock that nobody has set must not lose what was found: what it says is brought to the nearest time that a manager takes.</summary>
    private static DateTimeOffset Possible(DateTimeOffset time) => time.Year switch
    {
        < WireLimits.FirstYear => new DateTimeOffset(WireLimits.FirstYear, 1, 1, 0, 0, 0, TimeSpan.Zero),
        > WireLimits.LastYear => new DateTimeOffset(WireLimits.LastYear, 12, 31, 0, 0, 0, TimeSpan.Zero),
        _ => time,
    };

    private static DateOnly Possible(DateOnly day) => DateOnly.FromDateTime(Possible(new DateTimeOffset(day, default, TimeSpan.Zero)).DateTime);

    private string PathOf(long number) => Path.Combine(_folder, number.ToString("D19", CultureInfo.InvariantCulture) + Suffix);

    private Exception? TryWrite(long number, byte[] batch)
    {
        try
        {
            StateFile.Write(PathOf(number), batch);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }
    }

    private void FlushMemory()
    {
        foreach ((long number, Entry entry) in _entries.Where(static pair => pair.Value.Memory is not null).ToArray())
        {
            if (TryWrite(number, entry.Memory!) is not null)
            {
                return;
            }

            _entries[number] = entry with { Memory = null };
        }
    }

    private void Drop(long number)
    {
        if (_entries.Remove(number, out Entry entry))
        {
            _bytes -= entry.Length;
            if (entry.Memory is null)
            {
                // One that stays behind is sent once more after a restart, and counted once all the same.
                StateFile.TryDelete(PathOf(number));
            }
        }
    }

    private void SetAsideCore(long number)
    {
        try
        {
            if (_entries[number].Memory is null)
            {
                File.Move(PathOf(number), PathOf(number) + RefusedSuffix, overwrite: true);
            }

            foreach (string old in Directory.GetFiles(_folder, "*" + RefusedSuffix).OrderDescending(StringComparer.Ordinal).Skip(MaxRefused))
            {
                StateFile.TryDelete(old);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is dropped then.
        }

        Drop(number);
    }

    /// <summary>A batch that waits: its bytes only where the disk does not have them.</summary>
    private readonly record struct Entry(byte[]? Memory, long Length);
}
