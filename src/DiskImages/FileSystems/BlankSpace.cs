namespace Symantec.Virtualization.DiskImages.FileSystems;

/// <summary>Tells a volume that was never formatted from one whose format is unknown.</summary>
internal static class BlankSpace
{
    /// <summary>Every file system that is known to the author has its first structure within this many bytes.</summary>
    private const int ProbeSize = 1 << 20;

    public static bool IsBlank(ByteSource volume)
    {
        byte[] window = new byte[64 << 10];
        for (long offset = 0; offset < Math.Min(volume.Length, ProbeSize);)
        {
            ByteRun run = volume.RunAt(offset);
            int read = (int)Math.Min(run.Length, window.Length);
            if (run.IsStored)
            {
                read = volume.Read(offset, window.AsSpan(0, read));
                if (window.AsSpan(0, read).ContainsAnyExcept((byte)0))
                {
                    return false;
                }
            }

            offset += read;
        }

        return true;
    }
}
