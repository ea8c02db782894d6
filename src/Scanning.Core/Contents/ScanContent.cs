using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>The bytes of one file, or of one of its streams, and what is known of it. To an engine, a file on disk, a file in an image and bytes in
/// memory are the same.</summary>
/// <remarks>
/// Reads are positional and may come from several threads at once. A content holds no resources before it is first read; the session disposes it.
/// </remarks>
public abstract class ScanContent : IDisposable
{
    /// <summary>Gets where the content is: a path, or a chain of containers and paths such as <c>disk.vmdk!/p1/dir/file.txt:stream</c>.</summary>
    /// <remarks>It may hold names that somebody hostile chose; <see cref="PrintableText.Escape"/> makes it safe to show.</remarks>
    public abstract string Location { get; }

    /// <summary>Gets the other places where the same content is found: hard links.</summary>
    public virtual IReadOnlyList<string> OtherLocations => [];

    /// <summary>Gets the length in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Gets how many bytes are stored for the content: less than <see cref="Length"/> where there are holes or compression.</summary>
    public virtual long StoredLength => Length;

    /// <summary>Gets what tells that the file is still the one it was; <see langword="null"/> for bytes that are no file.</summary>
    /// <remarks>Of a file that may be in use it is told anew at each call: the session compares before and after it reads.</remarks>
    public virtual FileIdentity? Identity => null;

    /// <summary>Gets the identity of the file that the content is, or is a stream of: if it has not moved, neither has the stream.</summary>
    /// <value>By default <see cref="Identity"/>.</value>
    public virtual FileIdentity? OwnerIdentity => Identity;

    /// <summary>Gets the small values that are kept with the file itself: its extended attributes, or its named streams.</summary>
    /// <value><see langword="null"/> for a content that is no file, or where the file system keeps none.</value>
    public virtual IFileAttributes? Attributes => null;

    /// <summary>
    /// Gets why the content cannot be scanned although it is there, where that is known before it is read: it is damaged, encrypted, or kept in a
    /// form that is not supported.
    /// </summary>
    /// <value><see langword="null"/> if it can. Anything else makes the verdict <see cref="VerdictKind.Incomplete"/> without a scan.</value>
    public virtual string? Unscannable => null;

    /// <summary>Gets the content that holds this one: the archive of a member. Files have none.</summary>
    public virtual ScanContent? Container => null;

    /// <summary>Gets the file's named streams, each to be scanned as a content of its own.</summary>
    public virtual IReadOnlyList<ScanContent> Streams => [];

    /// <summary>
    /// Gets the open file whose bytes, from the first to the last, are the content: for an engine that hands a file on to another process of the same machine.
    /// </summary>
    /// <value><see langword="null"/> for all that is not a file of its own on this machine: a file in an image, a member, bytes in memory.</value>
    /// <remarks>It stays the content's own, and open until the content is disposed. Getting it may open the file.</remarks>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public virtual SafeFileHandle? FileHandle => null;

    /// <summary>Reads as many bytes as the buffer takes, or as there are up to the end.</summary>
    /// <param name="offset">The offset of the first byte to read, from 0.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <returns>The number of bytes read: less than the buffer's length only at the end, 0 at and behind it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    /// <exception cref="IOException">The content cannot be read; it must then never be called clean.</exception>
    public int Read(long offset, Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        int count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        if (count > 0)
        {
            ReadCore(offset, buffer[..count]);
        }

        return count;
    }

    /// <summary>Tells how far the bytes at an offset are stored, or are a hole.</summary>
    /// <param name="offset">The offset in question, from 0.</param>
    /// <returns>The run that begins there; its length is 0 at and behind the end. The next run may be of the same kind.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    /// <exception cref="IOException">The tables that would tell cannot be read.</exception>
    public ContentRun RunAt(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset >= Length)
        {
            return new ContentRun(IsStored: false, Length: 0);
        }

        ContentRun run = RunAtCore(offset);
        return run with { Length = Math.Min(run.Length, Length - offset) };
    }

    /// <summary>Releases what reading opened.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes a hole that is about to be handed on as zeros, which costs as much time as bytes do.</summary>
    /// <param name="bytes">The hole's length.</param>
    /// <param name="ofContent">The holes of this pass over the content so far, this one included.</param>
    /// <exception cref="ScanLimitException">There are more than a scan hands on.</exception>
    internal virtual void TakeHole(long bytes, long ofContent) => HoleBudget.Check(ofContent, ScanLimits.DefaultMaxHoleLength);

    /// <summary>Reads exactly a buffer that lies inside the content.</summary>
    /// <param name="offset">The offset of the first byte, already checked.</param>
    /// <param name="buffer">Where the bytes go: not empty, and not longer than what is left behind the offset.</param>
    protected abstract void ReadCore(long offset, Span<byte> buffer);

    /// <summary>Tells the run at an offset that lies inside the content.</summary>
    /// <param name="offset">The offset, already checked.</param>
    /// <returns>A run of at least 1 byte; it may reach past the end.</returns>
    protected virtual ContentRun RunAtCore(long offset) => new(IsStored: true, Length - offset);

    /// <summary>Releases what reading opened.</summary>
    /// <param name="disposing"><see langword="true"/> when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
