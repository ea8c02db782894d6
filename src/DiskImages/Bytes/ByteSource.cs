namespace Symantec.Virtualization.DiskImages;

/// <summary>A fixed number of bytes that can be read at any offset: a host file, a virtual disk, a volume, a file in a volume.</summary>
/// <remarks>
/// <para>Layers stack by wrapping each other, and nothing in between has a position: every member except
/// <see cref="Dispose()"/> may be called by any number of threads at once.</para>
/// <para>A layer that reads another does not own it unless its constructor says so.</para>
/// </remarks>
public abstract class ByteSource : IDisposable
{
    /// <summary>Gets the number of bytes, from 0 to 2^63 - 1. It never changes.</summary>
    public abstract long Length { get; }

    /// <summary>Reads as many bytes as the buffer takes, or as there are up to the end.</summary>
    /// <param name="offset">The offset of the first byte to read, from 0.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <returns>The number of bytes read: less than the buffer's length only at the end, 0 at and behind it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    /// <exception cref="ImageFormatException">The image does not hold the bytes that it says it holds.</exception>
    /// <exception cref="IOException">The host could not read.</exception>
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

    /// <summary>Reads bytes that a structure says are there.</summary>
    /// <param name="offset">The offset of the first byte to read, from 0.</param>
    /// <param name="buffer">Where the bytes go; it is filled.</param>
    /// <param name="structure">The structure that is read, for the fault.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    /// <exception cref="ImageFormatException">The source ends before the buffer is full, or cannot be read.</exception>
    /// <exception cref="IOException">The host could not read.</exception>
    public void ReadExactly(long offset, Span<byte> buffer, string structure)
    {
        int read = Read(offset, buffer);
        if (read < buffer.Length)
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.Truncated, structure, "", offset, $"needs {buffer.Length} bytes, {read} left"));
        }
    }

    /// <summary>Tells how far the bytes at an offset are stored, or are a hole.</summary>
    /// <remarks>A run may end before its kind does: the next one may be of the same kind.</remarks>
    /// <param name="offset">The offset in question, from 0.</param>
    /// <returns>The run that begins at <paramref name="offset"/>; its length is 0 at and behind the end.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The offset is negative.</exception>
    /// <exception cref="ImageFormatException">The tables that would tell are damaged.</exception>
    public ByteRun RunAt(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset >= Length)
        {
            return new ByteRun(IsStored: false, Length: 0);
        }

        ByteRun run = RunAtCore(offset);
        return run with { Length = Math.Min(run.Length, Length - offset) };
    }

    /// <summary>Views a part of this source as a source of its own.</summary>
    /// <param name="offset">The offset of the part's first byte.</param>
    /// <param name="length">The part's length in bytes.</param>
    /// <returns>The part; disposing it leaves this source open.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside this source.</exception>
    public ByteSource Slice(long offset, long length) => new SlicedSource(this, offset, length);

    /// <summary>Releases what the source owns.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads exactly a buffer that lies inside the source.</summary>
    /// <param name="offset">The offset of the first byte, already checked.</param>
    /// <param name="buffer">Where the bytes go: not empty, and not longer than what is left behind the offset.</param>
    protected abstract void ReadCore(long offset, Span<byte> buffer);

    /// <summary>Tells the run at an offset that lies inside the source.</summary>
    /// <param name="offset">The offset, already checked.</param>
    /// <returns>A run of at least 1 byte; it may reach past the end.</returns>
    protected virtual ByteRun RunAtCore(long offset) => new(IsStored: true, Length - offset);

    /// <summary>Releases what the source owns.</summary>
    /// <param name="disposing"><see langword="true"/> when called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
