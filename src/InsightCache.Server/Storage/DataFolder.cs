namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The folder in which a server keeps what outlives it; one server at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    /// <summary>Takes the folder, and makes it if it is not there.</summary>
    /// <exception cref="IOException">Another server has it, or it cannot be written.</exception>
    public DataFolder(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(Path);
        try
        {
            _lock = new FileStream(File("in-use"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new IOException($"The data folder {Path} cannot be taken: {e.Message} Another server may be using it.", e);
        }
    }

    public string Path { get; }

    public string Key => File("server.key");

    public string Snapshot => File("verdicts.snapshot");

    public string Position => File("shared-log.position");

    public string Recalls => File("recalls.journal");

    public string Clients => File("clients.journal");

    public string Log => File("log");

    public void Dispose() => _lock.Dispose();

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
