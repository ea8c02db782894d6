namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>How much of archives is opened: what lies beyond makes the verdict incomplete, never clean.</summary>
/// <remarks>The limits hold for one file that is scanned, with everything in it, at every depth together; two of them for each member alone.</remarks>
public sealed class ArchiveLimits
{
    /// <summary>The limits that hold where none are set.</summary>
    public static ArchiveLimits Default { get; } = new();

    /// <summary>Gets how deep archives may lie in each other.</summary>
    /// <value>From 1 to 64; 24 by default.</value>
    public int MaxDepth
    {
        get;
        init => field = Within(value, 1, 64, nameof(MaxDepth));
    }
    = 24;

    /// <summary>Gets how many members are opened.</summary>
    /// <value>From 1; 10,000 by default.</value>
    public int MaxMembers
    {
        get;
        init => field = Within(value, 1, int.MaxValue, nameof(MaxMembers));
    }
    = 10_000;

    /// <summary>Gets how many bytes of one member are unpacked.</summary>
    /// <value>From 1; 256 MiB by default.</value>
    public long MaxMemberLength
    {
        get;
        init => field = Within(value, 1, long.MaxValue, nameof(MaxMemberLength));
    }
    = 256L << 20;

    /// <summary>Gets how many bytes are unpacked.</summary>
    /// <value>From 1; 1 GiB by default.</value>
    public long MaxTotalLength
    {
        get;
        init => field = Within(value, 1, long.MaxValue, nameof(MaxTotalLength));
    }
    = 1L << 30;

    /// <summary>Gets how many times as long as it was packed a member may become, once it is longer than 16 MiB.</summary>
    /// <value>From 1; 1,000 by default.</value>
    public int MaxRatio
    {
        get;
        init => field = Within(value, 1, int.MaxValue, nameof(MaxRatio));
    }
    = 1000;

    /// <summary>Gets how many bytes an unpacker may keep to look back at, which archives state in their headers.</summary>
    /// <value>From 1 MiB to 1 GiB; 128 MiB by default.</value>
    public long MaxDictionary
    {
        get;
        init => field = Within(value, 1L << 20, 1L << 30, nameof(MaxDictionary));
    }
    = 128L << 20;

    /// <summary>Gets how long archives may be unpacked.</summary>
    /// <value>More than none; 2 minutes by default.</value>
    public TimeSpan MaxTime
    {
        get;
        init => field = value > TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MaxTime), value, "must be more than no time");
    }
    = TimeSpan.FromMinutes(2);

    private static int Within(int value, int least, int most, string name) => (int)Within((long)value, least, most, name);

    private static long Within(long value, long least, long most, string name) => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"must be from {least} to {most}");
}
