namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>A file that has its name only when it is complete: until then it is <c>NAME.partial</c>, and a run that is ended leaves nothing.</summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _path;

    public PartialFile(string path)
    {
        _path = Path.GetFullPath(path);

        // What a run that was killed left behind is removed and not written over: it may be a link that leads elsewhere by now.
        File.Delete(Partial);
        Stream = new FileStream(Partial, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 64 << 10);
    }

    public FileStream Stream { get; }

    private string Partial => _path + ".partial";

    public void Complete()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(Partial, _path, overwrite: true);
    }

    public void Dispose()
    {
        Stream.Dispose();
        File.Delete(Partial);
    }
}
