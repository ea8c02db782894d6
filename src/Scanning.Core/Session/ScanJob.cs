using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>A content on its way through the session: what is known of it so far, and a view of it that a small content is read through once only.</summary>
internal sealed class ScanJob(ScanContent content, HoleBudget holes) : ScanContent
{
    /// <summary>A content up to this length is kept between hashing and scanning.</summary>
    private const int MaxKept = 128 << 10;

    private byte[]? _kept;
    private long _reached;
    private long _length;
    private long _storedLength;
    private FileIdentity? _identity;
    private FileIdentity? _owner;
    private string? _unscannable;

    /// <summary>Gets or sets the hash of the content.</summary>
    public ContentHash? Hash { get; set; }

    /// <summary>Gets or sets a value indicating whether the hash was computed from the bytes that the engine will see, and not remembered.</summary>
    public bool WasRead { get; set; }

    /// <summary>Gets or sets why there is no hash although it was wanted; <see langword="null"/> if nothing kept it from being computed.</summary>
    public string? WhyNotHashed { get; set; }

    /// <summary>Gets or sets the hash under which the content was given to be scanned, so that its twins wait for it.</summary>
    public ContentHash? Awaited { get; set; }

    /// <summary>Gets or sets a value indicating whether the content was read through at some time.</summary>
    public bool WasEverRead { get; set; }

    /// <summary>Gets or sets how often the content was put off.</summary>
    public int Deferrals { get; set; }

    /// <summary>Gets or sets the time that the content took so far.</summary>
    public TimeSpan Spent { get; set; }

    /// <summary>Gets how far somebody has read into the content.</summary>
    public long Reached => Volatile.Read(ref _reached);

    public override string Location => content.Location;

    public override IReadOnlyList<string> OtherLocations => content.OtherLocations;

    public override long Length => _length;

    public override long StoredLength => _storedLength;

    /// <summary>Gets the file's identity before anything of it was read.</summary>
    public override FileIdentity? Identity => _identity;

    /// <summary>Gets the identity, before anything was read, of the file that the content is or is a stream of.</summary>
    public override FileIdentity? OwnerIdentity => _owner;

    public override IFileAttributes? Attributes => content.Attributes;

    public override string? Unscannable => _unscannable;

    public override ScanContent? Container => content.Container;

    public override IReadOnlyList<ScanContent> Streams => content.Streams;

    public override SafeFileHandle? FileHandle => content.FileHandle;

    /// <summary>Gets a value indicating whether the file had been left alone for so long that its identity shows every change since it was looked at.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Looks at what is to be known of a content before it is read; a file that is in use changes meanwhile.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public void Look(DateTimeOffset now)
    {
        _identity = content.Identity;
        _owner = _identity ?? content.OwnerIdentity;
        IsSettled = _identity is not null && _identity.IsSettledAt(now);
        _length = content.Length;
        _storedLength = content.StoredLength;
        _unscannable = content.Unscannable;
    }

    /// <summary>Tells whether the file is no longer the one that it was before it was read, or that cannot be told.</summary>
    public bool HasMoved()
    {
        try
        {
            return _identity is not null && _identity != content.Identity;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Reads a small content into memory, since it will be read more than once.</summary>
    public void KeepIfSmall()
    {
        if (_kept is not null || _length > MaxKept)
        {
            return;
        }

        byte[] bytes = ArrayPool<byte>.Shared.Rent((int)_length);
        try
        {
            ReadWhole(0, bytes.AsSpan(0, (int)_length));
            _kept = bytes;
        }
        finally
        {
            if (_kept is null)
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
    }

    internal override void TakeHole(long bytes, long ofContent) => holes.Take(bytes, ofContent);

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        if (_kept is not null)
        {
            _kept.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
        }
        else
        {
            ReadWhole(offset, buffer);
        }

        Volatile.Write(ref _reached, Math.Max(_reached, offset + buffer.Length));
    }

    private void ReadWhole(long offset, Span<byte> buffer)
    {
        if (content.Read(offset, buffer) < buffer.Length)
        {
            throw new IOException($"it became shorter than {_length:N0} bytes while it was read");
        }
    }

    protected override ContentRun RunAtCore(long offset) => _kept is null ? content.RunAt(offset) : base.RunAtCore(offset);

    /// <summary>Gives back what is kept of a content that has to wait; when it is scanned it is read and hashed anew.</summary>
    public void PutAway()
    {
        WasRead = false;
        if (Interlocked.Exchange(ref _kept, null) is { } kept)
        {
            ArrayPool<byte>.Shared.Return(kept);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
            PutAway();
        }

        base.Dispose(disposing);
    }
}
