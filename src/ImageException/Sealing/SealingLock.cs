namespace Symantec.Virtualization.ImageException;

/// <summary>Keeps a second run from sealing, or clearing, what one seals. It ends with the process, however that ends.</summary>
internal static class SealingLock
{
    /// <exception cref="IOException">Another run has it, or there is no room for it.</exception>
    public static IDisposable Take(string sealPath)
    {
        string path = SealPlace.LockOf(sealPath);
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.None, Options = FileOptions.DeleteOnClose });
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"another run is sealing or clearing this image: it holds {path}", e);
        }
    }
}
