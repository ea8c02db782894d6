using System.Globalization;
using System.Text.Json;

namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>Amounts, times and choices as people read them.</summary>
internal static class Words
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Counted(long number, string one, string many) => $"{Number(number)} {(number == 1 ? one : many)}";

    public static string Bytes(long bytes)
    {
        double amount = bytes;
        int unit = 0;
        while (amount >= 1024 && unit < Units.Length - 1)
        {
            amount /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 || amount >= 100 ? Math.Round(amount) : Math.Round(amount, 1)):0.#} {Units[unit]}");
    }

    /// <summary>A client may claim that it took longer than a span of time can last.</summary>
    private static readonly long LongestMilliseconds = (long)TimeSpan.MaxValue.TotalMilliseconds - 1;

    public static string Duration(long milliseconds) => TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, LongestMilliseconds)) switch
    {
        { TotalSeconds: < 1 } => $"{milliseconds} ms",
        { TotalMinutes: < 1 } time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s"),
        { TotalHours: < 1 } time => $"{time.Minutes} min {time.Seconds} s",
        { TotalDays: < 1 } time => $"{time.Hours} h {time.Minutes} min",
        var time => $"{Number((long)time.TotalDays)} d {time.Hours} h",
    };

    public static string Age(TimeSpan age) => age switch
    {
        { Ticks: < 0 } => "in the future",
        { TotalMinutes: < 1 } => "just now",
        { TotalHours: < 1 } => $"{(int)age.TotalMinutes} min ago",
        { TotalDays: < 2 } => $"{(int)age.TotalHours} h ago",
        _ => $"{Number((long)age.TotalDays)} days ago",
    };

    public static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    public static Markup Time(DateTimeOffset? time)
        => time is { } moment ? $"""<time datetime="{moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}">{Moment(moment)}</time>""" : (Markup)$"""<span class="quiet">never</span>""";

    public static Markup Time(DateTimeOffset time, DateTimeOffset now)
        => $"""<time datetime="{time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}" title="{Moment(time)} UTC">{Age(now - time)}</time>""";

    /// <summary>A choice as queries and documents write it: <c>shared-credentials</c>.</summary>
    public static string Choice<T>(T choice)
        where T : struct, Enum
        => JsonNamingPolicy.KebabCaseLower.ConvertName(choice.ToString());

    /// <summary>A choice as a sentence has it: <c>shared credentials</c>.</summary>
    public static string Plain<T>(T choice)
        where T : struct, Enum
        => Choice(choice).Replace('-', ' ');
}
