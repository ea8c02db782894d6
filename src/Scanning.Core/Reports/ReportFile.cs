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

        // What a scan that was killed left behind is removed and not written over: it may be a link that leads elsewhere by now.
        File.Delete(_partial);
        Stream = new FileStream(_partial, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 64 << 10);
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
