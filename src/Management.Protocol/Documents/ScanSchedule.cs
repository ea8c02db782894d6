using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>A scan that a client runs by itself, at a moment of its own within a window: a thousand clones on one host must not begin together. Immutable.</summary>
public sealed record ScanSchedule
{
    private const int MinutesOfDay = 24 * 60;

    /// <summary>How long the window is unless a schedule says otherwise: four hours.</summary>
    public const int DefaultWindowMinutes = 240;

    /// <summary>Initializes a new instance of the <see cref="ScanSchedule"/> class; what is left out has its default value.</summary>
    /// <param name="name">The schedule's name.</param>
    /// <param name="from">From which time of the day on it may begin; midnight where a document does not say.</param>
    /// <param name="trigger">Whose schedule it is.</param>
    /// <param name="days">The days of the week.</param>
    /// <param name="windowMinutes">Within how many minutes it begins.</param>
    /// <param name="maxMinutes">After how many minutes it is ended.</param>
    /// <param name="roots">The folders that are scanned.</param>
    /// <param name="catchUp">Whether a scan that was missed is made up for.</param>
    [JsonConstructor]
    public ScanSchedule(
        string name,
        TimeOnly from,
        ScanTrigger trigger = ScanTrigger.Scheduled,
        IReadOnlyList<DayOfWeek>? days = null,
        int windowMinutes = DefaultWindowMinutes,
        int? maxMinutes = null,
        IReadOnlyList<string>? roots = null,
        bool catchUp = false)
    {
        Name = name;
        Trigger = trigger;
        Days = days ?? [];
        From = from;
        WindowMinutes = windowMinutes;
        MaxMinutes = maxMinutes;
        Roots = roots ?? [];
        CatchUp = catchUp;
    }

    /// <summary>Gets the schedule's name.</summary>
    public string Name { get; init; }

    /// <summary>Gets whose schedule it is: <see cref="ScanTrigger.Scheduled"/>, or <see cref="ScanTrigger.AdministratorDefined"/>.</summary>
    public ScanTrigger Trigger { get; init; }

    /// <summary>Gets the days of the week; all of them if none is named.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init; }

    /// <summary>Gets from which time of the day on it may begin, by the client's clock.</summary>
    public TimeOnly From { get; init; }

    /// <summary>Gets within how many minutes it begins; each client has a moment of its own on each day.</summary>
    /// <value>The default value is 240 (four hours).</value>
    public int WindowMinutes { get; init; }

    /// <summary>Gets after how many minutes it is ended, done or not; <see langword="null"/> never.</summary>
    public int? MaxMinutes { get; init; }

    /// <summary>Gets the folders that are scanned; everything if none is named.</summary>
    public IReadOnlyList<string> Roots { get; init; }

    /// <summary>Gets a value indicating whether a scan that was missed, because the machine was off, is made up for at once.</summary>
    /// <value>The default value is <see langword="false"/>: a clone that starts in the morning does not begin with a scan.</value>
    public bool CatchUp { get; init; }

    /// <summary>Tells when a client begins next.</summary>
    /// <param name="after">After which moment.</param>
    /// <param name="client">The client.</param>
    /// <param name="zone">The client's zone.</param>
    /// <returns>The first beginning that is later. It is the same whenever it is asked for, so that a restart neither repeats nor drops a scan.</returns>
    public DateTimeOffset NextStart(DateTimeOffset after, Guid client, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        DateOnly day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(after, zone).DateTime).AddDays(-1);

        // Some day of the next eight is one of the schedule's, and two more are lost to the change of days and of clocks.
        for (int tries = 0; tries < 10; tries++, day = day.AddDays(1))
        {
            if ((Days.Count == 0 || Days.Contains(day.DayOfWeek)) && StartOn(day, client, zone) is var start && start > after)
            {
                return start;
            }
        }

        return StartOn(day, client, zone);
    }

    /// <summary>Tells whether two schedules say the same.</summary>
    /// <param name="other">The other schedule.</param>
    /// <returns><see langword="true"/> if every member has the same value.</returns>
    public bool Equals(ScanSchedule? other)
        => other is not null
            && (Name, Trigger, From, WindowMinutes, MaxMinutes, CatchUp) == (other.Name, other.Trigger, other.From, other.WindowMinutes, other.MaxMinutes, other.CatchUp)
            && Days.SequenceEqual(other.Days)
            && Roots.SequenceEqual(other.Roots);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Trigger, From, WindowMinutes, MaxMinutes, CatchUp, Days.Count, Roots.Count);

    internal void Validate(string inside)
    {
        Rules.Text(Name, WireLimits.MaxText, inside);
        Rules.Require(Trigger is ScanTrigger.Scheduled or ScanTrigger.AdministratorDefined, inside + ".trigger", "scheduled or administratorDefined is needed");
        Rules.Require(Days.Count <= 7 && Days.All(Enum.IsDefined) && Days.Distinct().Count() == Days.Count, inside + ".days", "days of the week, each once, are needed");
        Rules.Require(WindowMinutes is >= 0 and <= MinutesOfDay, inside + ".windowMinutes", $"{WindowMinutes} is not from 0 to {MinutesOfDay}");
        Rules.Require(MaxMinutes is null or (>= 1 and <= 7 * MinutesOfDay), inside + ".maxMinutes", $"{MaxMinutes} is not from 1 to {7 * MinutesOfDay}");
        Rules.Count(Roots, WireLimits.MaxRoots, inside);
        foreach (string root in Roots)
        {
            Rules.Text(root, WireLimits.MaxLocation, inside, mayBeEmpty: false, nameof(Roots));
        }
    }

    private DateTimeOffset StartOn(DateOnly day, Guid client, TimeZoneInfo zone)
    {
        DateTime local = day.ToDateTime(From);
        TimeSpan offset = zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime().AddSeconds(SecondsInto(day, client));
    }

    /// <summary>The client's own moment of the window: the same for the same day, spread evenly over clients.</summary>
    private long SecondsInto(DateOnly day, Guid client)
    {
        if (WindowMinutes == 0)
        {
            return 0;
        }

        byte[] name = Encoding.UTF8.GetBytes(Name);
        byte[] input = new byte[16 + sizeof(int) + name.Length];
        client.TryWriteBytes(input);
        BinaryPrimitives.WriteInt32LittleEndian(input.AsSpan(16), day.DayNumber);
        name.CopyTo(input, 20);
        return (long)(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(input)) % ((ulong)WindowMinutes * 60));
    }
}
