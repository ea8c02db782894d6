namespace Symantec.Virtualization.DiskImages.FileSystems;

/// <summary>Tells a volume that was never formatted from one whose format is unknown.</summary>
internal static class BlankSpace
{
    /// <summary>How much is read to find a byte that is not zero; a second or two, and more than any file system leaves empty in front of its data.</summary>
    public const long MaxProbe = 1 << 30;

    /// <summary>Looks for anything that is stored.</summary>
    /// <returns>Whether the volume is all zeros; <see langword="null"/> if it is as far as it was read, and goes on.</returns>
    public static bool? IsBlank(ByteSource volume, long maxProbe = MaxProbe)
    {
        byte[] window = new byte[256 << 10];
        long probed = 0;
        for (long offset = 0; offset < volume.Length;)
        {
            ByteRun run = volume.RunAt(offset);
            if (!run.IsStored)
            {
                offset += run.Length;
                continue;
            }

            if (probed >= maxProbe)
            {
                return null;
            }

            int read = volume.Read(offset, window.AsSpan(0, (int)Math.Min(run.Length, window.Length)));
            if (window.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                return false;
            }

            probed += read;
            offset += read;
        }

        return true;
    }
}
