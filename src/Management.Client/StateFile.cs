namespace Symantec.Virtualization.Management.Client;

/// <summary>Files that are there whole or not at all, and that only their owner reads.</summary>
internal static class StateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Writes beside the file, has it on the disk, and gives it its name.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string partial = path + ".partial";

        // What a process that was killed left behind is removed and not written over: it may be a link by now.
        File.Delete(partial);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using (FileStream stream = new(partial, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            TryDelete(partial);
            throw;
        }
    }

    public static byte[]? TryRead(string path, long most)
    {
        try
        {
            FileInfo file = new(path);
            return file.Exists && file.Length <= most ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be removed now is removed or written over later.
        }
    }
}
