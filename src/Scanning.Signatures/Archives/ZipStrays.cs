namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Finds members of a ZIP archive that its directory does not name, by their own headers.</summary>
internal static class ZipStrays
{
    private const int WindowSize = 256 << 10;
    private const int MarkSize = 4;

    /// <summary>Finds headers outside of what is known already.</summary>
    /// <param name="walk">The archive.</param>
    /// <param name="known">The stretches that belong to members that were opened.</param>
    /// <param name="open">Opens what may be a member; returns where to go on, or <see langword="null"/> to stop.</param>
    public static void Open(MemberWalk walk, List<(long Start, long End)> known, Func<long, long?> open)
    {
        known.Sort();
        known.Add((walk.Container.Length, walk.Container.Length));
        byte[] window = new byte[(int)Math.Min(walk.Container.Length, WindowSize)];
        long at = 0;
        foreach ((long start, long end) in known)
        {
            while (at < start && Next(walk, at, start, window) is { } header)
            {
                if (open(header) is not { } next)
                {
                    return;
                }

                at = Math.Max(next, header + MarkSize);
            }

            at = Math.Max(at, end);
        }
    }

    /// <summary>Finds the first header that begins in a stretch.</summary>
    private static long? Next(MemberWalk walk, long at, long end, byte[] window)
    {
        while (at < end)
        {
            int count = (int)Math.Min(window.Length, walk.Container.Length - at);
            walk.Read(at, window.AsSpan(0, count), "ZipGap");
            int found = window.AsSpan(0, count).IndexOf("PK\x03\x04"u8);
            if (found >= 0)
            {
                return at + found < end ? at + found : null;
            }

            // A header may begin in the last bytes of the window.
            at += Math.Max(count - MarkSize + 1, 1);
        }

        return null;
    }
}
