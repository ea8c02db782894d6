using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>A memo of hashes that outlives the process: in memory while it is used, in one file when it is saved. Safe for concurrent use.</summary>
/// <remarks>
/// <para>An identity is kept as a fingerprint of 16 bytes with a key of the file's own, so that two million files take 98 MB of memory and 96 MB of disk. When there are more than
/// the limit, those make room that were not asked for.</para>
/// <para>Only a file whose identity would show a change is remembered: one with a time of change or an update sequence number. Nor is one whose times lie within the last two
/// seconds: it could change again, within the granularity of the clock, and look the same.</para>
/// <para>Whoever can write the file can have another content's hash believed, as whoever writes to the program can. It is made for its owner alone.</para>
/// </remarks>
public sealed class PersistentHashMemo : IHashMemo, IDisposable
{
    /// <summary>The most entries that a memo is made for.</summary>
    public const int MaxMaxEntries = 100_000_000;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Lock _saving = new();
    private readonly byte[] _key;
    private readonly IdentityTable _table;
    private bool _isChanged;

    /// <summary>Initializes a new instance of the <see cref="PersistentHashMemo"/> class, with what the file holds. A file that is damaged, or that is something else, is begun anew.</summary>
    /// <param name="path">The file; it need not exist, its folder must.</param>
    /// <param name="maxEntries">How many files are remembered at most.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <param name="logger">Where it is logged that a file was refused or could not be written.</param>
    /// <exception cref="ArgumentOutOfRangeException">There cannot be so many entries.</exception>
    public PersistentHashMemo(string path, int maxEntries = 2_000_000, TimeProvider? time = null, ILogger<PersistentHashMemo>? logger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxEntries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxEntries, MaxMaxEntries);
        _path = Path.GetFullPath(path);
        _time = time ?? TimeProvider.System;
        _logger = logger ?? (ILogger)NullLogger.Instance;
        try
        {
            (_key, _table) = HashMemoFile.Read(_path, maxEntries);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            if (e is not (FileNotFoundException or DirectoryNotFoundException))
            {
                Log.MemoRefused(_logger, e.Message);
            }

            _key = RandomNumberGenerator.GetBytes(HashMemoFile.KeySize);
            _table = new IdentityTable(maxEntries);
        }
    }

    /// <summary>Gets the number of files that are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _table.Count;
            }
        }
    }

    /// <inheritdoc/>
    public bool TryGet(FileIdentity identity, out ContentHash hash)
    {
        ArgumentNullException.ThrowIfNull(identity);
        UInt128 fingerprint = IdentityFingerprint.Of(identity, _key);
        lock (_lock)
        {
            return _table.TryGet(fingerprint, out hash);
        }
    }

    /// <inheritdoc/>
    public void Remember(FileIdentity identity, ContentHash hash)
    {
        ArgumentNullException.ThrowIfNull(identity);
        if (!WouldShowAChange(identity))
        {
            return;
        }

        UInt128 fingerprint = IdentityFingerprint.Of(identity, _key);
        lock (_lock)
        {
            _table.Put(fingerprint, hash);
            _isChanged = true;
        }
    }

    /// <summary>Writes the memo to its file, if anything was remembered since it was last written. Until that is done, the file before stands.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Save()
    {
        lock (_saving)
        {
            lock (_lock)
            {
                if (!_isChanged)
                {
                    return;
                }

                _isChanged = false;
            }

            try
            {
                HashMemoFile.Write(_path, _key, _table, _lock);
            }
            catch
            {
                lock (_lock)
                {
                    _isChanged = true;
                }

                throw;
            }
        }
    }

    /// <summary>Writes the memo; if that fails, it is logged.</summary>
    public void Dispose()
    {
        try
        {
            Save();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.MemoNotSaved(_logger, e);
        }
    }

    private bool WouldShowAChange(FileIdentity identity)
        => (identity.Changed is not null || (identity.JournalId != 0 && identity.LastUsn != 0)) && identity.IsSettledAt(_time.GetUtcNow());
}
