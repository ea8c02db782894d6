using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Benchmarks;

/// <summary>A file of the machine.</summary>
internal sealed class FileContent : ScanContent
{
    private readonly string _path;
    private readonly SafeFileHandle _file;

    public FileContent(string path)
    {
        _path = path;
        _file = File.OpenHandle(path);
        Length = RandomAccess.GetLength(_file);
    }

    public override string Location => _path;

    public override long Length { get; }

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        for (int read; buffer.Length > 0; buffer = buffer[read..], offset += read)
        {
            read = RandomAccess.Read(_file, buffer, offset);
            if (read == 0)
            {
                throw new EndOfStreamException(_path);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }
}
