using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

/// <summary>A content some of whose bytes cannot be read.</summary>
internal sealed class BrokenContent(byte[] bytes, long from, long to = long.MaxValue) : ScanContent
{
    public override string Location => "broken";

    public override long Length => bytes.Length;

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        if (offset < to && offset + buffer.Length > from)
        {
            throw new IOException("a sector is broken");
        }

        bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
    }
}

/// <summary>A content that becomes shorter once somebody has read beyond a point.</summary>
internal sealed class ShrinkingContent(byte[] bytes, long shorter) : ScanContent
{
    private long _length = bytes.Length;

    public override string Location => "shrinking";

    public override long Length => _length;

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
        _length = shorter;
    }
}

/// <summary>Zeros that are stored nowhere, with some bytes in them.</summary>
internal sealed class SparseContent(long length, long at, byte[] bytes) : ScanContent
{
    public override string Location => "sparse";

    public override long Length => length;

    /// <summary>Gets how many bytes were read.</summary>
    public long BytesRead { get; private set; }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        BytesRead += buffer.Length;
        buffer.Clear();
        for (long i = Math.Max(at, offset); i < Math.Min(at + bytes.Length, offset + buffer.Length); i++)
        {
            buffer[(int)(i - offset)] = bytes[i - at];
        }
    }
}

/// <summary>A content that does something when it is read.</summary>
internal sealed class ObservedContent(byte[] bytes, Action<long> onRead) : ScanContent
{
    public override string Location => "observed";

    public override long Length => bytes.Length;

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        onRead(offset);
        bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
    }
}

/// <summary>A file of this machine.</summary>
internal sealed class FileContent(string path) : ScanContent
{
    private readonly SafeFileHandle _file = File.OpenHandle(path);

    public override string Location => path;

    public override long Length => RandomAccess.GetLength(_file);

    public override SafeFileHandle FileHandle => _file;

    /// <summary>Gets a value indicating whether bytes were read, instead of the file being handed over.</summary>
    public bool WasRead { get; private set; }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        WasRead = true;
        RandomAccess.Read(_file, buffer, offset);
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }
}
