namespace Symantec.Virtualization.Scanning.Core;

/// <summary>A file that appears under its name only when it is complete: until then it is <c>NAME.partial</c>.</summary>
internal sealed class ReportFile : IDisposable
{
    private readonly string _path;
    private readonly string _partial;

    /// <exception cref="IOException">The file cannot be made.</exception>
    public ReportFile(string path)
    {
        _path = Path.GetFullPath(path);
        _partial = _path + ".partial";
        Stream = new FileStream(_partial, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 64 << 10);
    }

    public FileStream Stream { get; }

    /// <summary>Gives the file its name.</summary>
    public void Complete()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_partial, _path, overwrite: true);
    }

    /// <summary>Removes what was not completed.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        File.Delete(_partial);
    }
}
