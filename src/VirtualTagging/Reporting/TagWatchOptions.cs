namespace Symantec.Virtualization.VirtualTagging;

/// <summary>How a machine is watched.</summary>
public sealed class TagWatchOptions
{
    /// <summary>The shortest time that an option takes: 1 second.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>The longest time that an option takes: 1 day.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Gets or sets what is captured.</summary>
    /// <value>By default no names.</value>
    public CaptureOptions Capture { get; set; } = new();

    /// <summary>Gets or sets how often the machine is looked at again, from 1 second to 1 day. One look takes less than a millisecond.</summary>
    /// <value>The default value is 5 minutes.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how much later than due a check has to come to be taken for the end of a sleep, from 1 second to 1 day.</summary>
    /// <value>The default value is 1 minute.</value>
    public TimeSpan ResumeAfter { get; set; } = TimeSpan.FromMinutes(1);
}
