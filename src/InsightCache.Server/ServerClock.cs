namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The server's time: the machine's clock at the start, and from then on what really passed. A clock that is set neither ends nor prolongs verdicts and leases. Safe for concurrent use.</summary>
internal sealed class ServerClock(TimeProvider time)
{
    /// <summary>Hours of verdicts are counted from the start of every fourth year, in 16 bits: a server that runs on for more than three years has all its verdicts expire, and knows none any longer.</summary>
    private const int YearsOfEpoch = 4;

    private static readonly DateTimeOffset SecondsEpoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly long _startTimestamp = time.GetTimestamp();

    public DateTimeOffset Start { get; } = time.GetUtcNow();

    /// <summary>Gets the time from which the hours of verdicts are counted.</summary>
    public DateTimeOffset HoursEpoch { get; } = EpochOf(time.GetUtcNow());

    public TimeProvider Time => time;

    public DateTimeOffset Now => Start + time.GetElapsedTime(_startTimestamp);

    /// <summary>Gets the hour that verdicts know.</summary>
    public ushort Hour => HourOf(Now);

    /// <summary>Gets the second that leases and the log know; never 0.</summary>
    public uint Second => SecondOf(Now);

    public static uint SecondOf(DateTimeOffset time) => (uint)Math.Clamp((time - SecondsEpoch).Ticks / TimeSpan.TicksPerSecond, 1, uint.MaxValue);

    public static DateTimeOffset TimeOf(uint second) => SecondsEpoch + TimeSpan.FromSeconds(second);

    public ushort HourOf(DateTimeOffset time) => (ushort)Math.Clamp((time - HoursEpoch).Ticks / TimeSpan.TicksPerHour, 0, ushort.MaxValue);

    /// <summary>Gets when an hour that verdicts know begins.</summary>
    public DateTimeOffset TimeOf(int hour) => HoursEpoch + TimeSpan.FromHours(hour);

    private static DateTimeOffset EpochOf(DateTimeOffset now) => new(now.Year - (now.Year % YearsOfEpoch), 1, 1, 0, 0, 0, TimeSpan.Zero);
}
