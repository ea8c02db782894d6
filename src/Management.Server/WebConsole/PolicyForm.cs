using System.Globalization;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>
/// The common switches of a policy as fields. What the form does not show stays as it was in the policy that the change began with. Fields have the names of the document's members.
/// </summary>
internal sealed class PolicyForm
{
    private const string Images = "scan.virtualImages.";
    private const string Cache = "scan.insightCache.";

    private static readonly (string Value, string Label)[] Checks =
    [
        ("identity", "Its identity: nothing is read, and a file whose times moved is scanned"),
        ("identityOrHash", "Its identity, or its content where only its times moved"),
        ("hash", "Its content: every sealed file is read and compared"),
    ];

    private static readonly (string Value, string Label)[] Triggers = [("scheduled", "Scheduled"), ("administratorDefined", "Administrator-defined")];

    private readonly Func<string, string> _text;
    private readonly Func<string, bool> _isOn;
    private readonly int _schedules;

    private PolicyForm(Func<string, string> text, Func<string, bool> isOn, int schedules)
    {
        _text = text;
        _isOn = isOn;
        _schedules = schedules;
    }

    /// <summary>The form as a browser has sent it.</summary>
    public static PolicyForm Sent(ConsoleRequest request)
    {
        int schedules = int.TryParse(request.Form("schedules"), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? Math.Min(number, WireLimits.MaxSchedules) : 0;
        return new PolicyForm(request.Form, request.IsOn, schedules);
    }

    /// <summary>The form of a policy; one empty schedule stands behind the others.</summary>
    public static PolicyForm Of(PolicyDocument policy)
    {
        VirtualImagesPolicy images = policy.Scan.VirtualImages;
        InsightCachePolicy cache = policy.Scan.InsightCache;
        Dictionary<string, string> text = new(StringComparer.Ordinal)
        {
            ["name"] = policy.Name,
            ["heartbeatSeconds"] = Number(policy.HeartbeatSeconds),
            [Images + "check"] = Checks[(int)images.Check].Value,
            [Images + "maxSealAgeDays"] = images.MaxSealAgeDays is { } days ? Number(days) : "",
            [Images + "oldestDefinitions"] = images.OldestDefinitions?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "",
            [Cache + "address"] = cache.Address?.ToString() ?? "",
            [Cache + "pinnedKey"] = cache.PinnedKey?.ToString() ?? "",
            [Cache + "userName"] = cache.UserName ?? "",
            [Cache + "credentialName"] = cache.CredentialName ?? "",
        };
        HashSet<string> on = new(StringComparer.Ordinal);
        Mark(images.AutoProtect, Images + "autoProtect");
        Mark(images.OnDemand, Images + "onDemand");
        Mark(cache.Enabled, Cache + "enabled");
        for (int i = 0; i < policy.Schedules.Count; i++)
        {
            ScanSchedule schedule = policy.Schedules[i];
            string inside = Schedule(i);
            text[inside + "name"] = schedule.Name;
            text[inside + "trigger"] = schedule.Trigger == ScanTrigger.AdministratorDefined ? "administratorDefined" : "scheduled";
            text[inside + "from"] = schedule.From.ToString("HH:mm", CultureInfo.InvariantCulture);
            text[inside + "windowMinutes"] = Number(schedule.WindowMinutes);
            text[inside + "maxMinutes"] = schedule.MaxMinutes is { } most ? Number(most) : "";
            text[inside + "roots"] = string.Join('\n', schedule.Roots);
            Mark(schedule.CatchUp, inside + "catchUp");
            foreach (DayOfWeek day in schedule.Days)
            {
                on.Add(inside + "days." + day);
            }
        }

        return new PolicyForm(name => text.GetValueOrDefault(name, ""), on.Contains, Math.Min(policy.Schedules.Count + 1, WireLimits.MaxSchedules));

        void Mark(bool isOn, string name)
        {
            if (isOn)
            {
                on.Add(name);
            }
        }
    }

    /// <summary>Makes a policy of the fields.</summary>
    /// <exception cref="ManagementException">A field cannot be read; the message names it.</exception>
    public PolicyDocument Apply(PolicyDocument to)
    {
        VirtualImagesPolicy images = to.Scan.VirtualImages with
        {
            AutoProtect = _isOn(Images + "autoProtect"),
            OnDemand = _isOn(Images + "onDemand"),
            Check = (SealCheck)Math.Max(0, Array.FindIndex(Checks, check => check.Value == _text(Images + "check"))),
            MaxSealAgeDays = Optional(Images + "maxSealAgeDays"),
            OldestDefinitions = Day(Images + "oldestDefinitions", to.Scan.VirtualImages.OldestDefinitions),
        };
        InsightCachePolicy cache = to.Scan.InsightCache with
        {
            Enabled = _isOn(Cache + "enabled"),
            Address = Address(Cache + "address"),
            PinnedKey = Hash(Cache + "pinnedKey"),
            UserName = Words(Cache + "userName"),
            CredentialName = Words(Cache + "credentialName"),
        };
        return to with
        {
            Name = _text("name").Trim(),
            HeartbeatSeconds = Optional("heartbeatSeconds") ?? PolicyDocument.DefaultHeartbeatSeconds,
            Scan = to.Scan with { VirtualImages = images, InsightCache = cache },
            Schedules = ReadSchedules(),
        };
    }

    /// <summary>Shows the fields.</summary>
    public Markup Show(Notice? notice) =>
        $"""
        <div class="columns pair">
        {new Field("name", "Name of the policy", notice).Text(_text("name"), most: WireLimits.MaxText)}
        {new Field("heartbeatSeconds", "Heartbeat every … seconds", notice).Text(_text("heartbeatSeconds"), "number")}
        </div>
        <fieldset><legend>Virtual Images</legend>
        <p class="hint">Whether files of a sealed base image that have not changed are skipped.</p>
        {new Field(Images + "autoProtect", "Auto-Protect skips them", notice).Check(_isOn(Images + "autoProtect"))}
        {new Field(Images + "onDemand", "Manual, scheduled and administrator-defined scans skip them", notice).Check(_isOn(Images + "onDemand"))}
        {new Field(Images + "check", "A sealed file is recognized by", notice).Choice(Checks, _text(Images + "check"))}
        <div class="columns pair">
        {new Field(Images + "maxSealAgeDays", "A seal counts for … days", notice, "Empty: seals do not age.").Text(_text(Images + "maxSealAgeDays"), "number")}
        {new Field(Images + "oldestDefinitions", "Sealed with definitions not older than", notice, "Empty: a seal outlives its definitions.").Text(_text(Images + "oldestDefinitions"), "date")}
        </div></fieldset>
        <fieldset><legend>Shared Insight Cache</legend>
        <p class="hint">Every scan asks it, Auto-Protect never does.</p>
        {new Field(Cache + "enabled", "Scans ask the cache", notice).Check(_isOn(Cache + "enabled"))}
        {new Field(Cache + "address", "Address", notice, "As http://cache:9005 or https://cache:9005").Text(_text(Cache + "address"), complete: "off")}
        {new Field(Cache + "pinnedKey", "TLS pin", notice, "The SHA-256 of the server's public key, if only that key is to be trusted: 64 hexadecimal digits.").Text(_text(Cache + "pinnedKey"), complete: "off")}
        <div class="columns pair">
        {new Field(Cache + "userName", "Name that clients present", notice).Text(_text(Cache + "userName"), complete: "off")}
        {new Field(Cache + "credentialName", "Name under which they keep the password", notice, "The policy itself never carries it.").Text(_text(Cache + "credentialName"), complete: "off")}
        </div></fieldset>
        <fieldset><legend>Schedules</legend>
        <p class="hint">Each client begins at a moment of its own within the window. A schedule without a name is left out.</p>
        <input type="hidden" name="schedules" value="{_schedules}">
        {Markup.Each(Enumerable.Range(0, _schedules), i => ShowSchedule(i, notice))}
        </fieldset>
        """;

    private static string Schedule(int index) => $"schedules[{index.ToString(CultureInfo.InvariantCulture)}].";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private Markup ShowSchedule(int i, Notice? notice)
    {
        string inside = Schedule(i);
        string name = _text(inside + "name");
        bool isNew = name.Length == 0 && i == _schedules - 1;
        return
            $"""
            <details class="schedule"{Field.Flag("open", !isNew || notice?.Member?.StartsWith(inside, StringComparison.Ordinal) == true)}><summary>{(isNew ? "One more schedule" : name)}</summary>
            <fieldset><legend class="away">{(isNew ? "One more schedule" : $"Schedule {name}")}</legend>
            <div class="columns pair">
            {new Field(inside + "name", "Name of the schedule", notice).Text(name, most: WireLimits.MaxText)}
            {new Field(inside + "trigger", "Kind", notice).Choice(Triggers, _text(inside + "trigger"))}
            {new Field(inside + "from", "From, by the client's clock", notice).Text(_text(inside + "from") is { Length: > 0 } from ? from : "20:00", "time")}
            {new Field(inside + "windowMinutes", "Begins within … minutes", notice).Text(_text(inside + "windowMinutes") is { Length: > 0 } window ? window : "240", "number")}
            {new Field(inside + "maxMinutes", "Ended after … minutes", notice, "Empty: never.").Text(_text(inside + "maxMinutes"), "number")}
            </div>
            <fieldset class="days"><legend>Days</legend><p class="hint">None: every day.</p>{WrongDays(inside, notice)}
            {Markup.Each(Enum.GetValues<DayOfWeek>(), day => new Field(inside + "days." + day, day.ToString()).Check(_isOn(inside + "days." + day)))}</fieldset>
            {new Field(inside + "roots", "Folders, one a line", notice, "None: everything.").Area(_text(inside + "roots"), 2)}
            {new Field(inside + "catchUp", "A missed scan is made up for at once", notice).Check(_isOn(inside + "catchUp"))}
            </fieldset></details>
            """;
    }

    private static Markup WrongDays(string inside, Notice? notice) => notice?.About(inside + "days") is { } wrong ? $"""<p class="wrong">{wrong}</p>""" : Markup.None;

    private List<ScanSchedule> ReadSchedules()
    {
        List<ScanSchedule> schedules = [];
        for (int i = 0; i < _schedules; i++)
        {
            string inside = Schedule(i);
            if (_text(inside + "name").Trim() is { Length: > 0 } name)
            {
                TimeOnly start = TimeOnly.TryParse(_text(inside + "from"), CultureInfo.InvariantCulture, out TimeOnly from)
                    ? from
                    : throw ManagementException.Invalid(inside + "from: a time as 20:00 is needed.");
                schedules.Add(new ScanSchedule(name, start)
                {
                    Trigger = _text(inside + "trigger") == "administratorDefined" ? ScanTrigger.AdministratorDefined : ScanTrigger.Scheduled,
                    WindowMinutes = Optional(inside + "windowMinutes") ?? 0,
                    MaxMinutes = Optional(inside + "maxMinutes"),
                    Days = [.. Enum.GetValues<DayOfWeek>().Where(day => _isOn(inside + "days." + day))],
                    Roots = _text(inside + "roots").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                    CatchUp = _isOn(inside + "catchUp"),
                });
            }
        }

        return schedules;
    }

    private string? Words(string name) => _text(name).Trim() is { Length: > 0 } text ? text : null;

    private int? Optional(string name) => Words(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number
        : throw ManagementException.Invalid($"{name}: a whole number is needed.");

    private Uri? Address(string name) => Words(name) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" ? address
        : throw ManagementException.Invalid($"{name}: an absolute http or https address is needed.");

    private ContentHash? Hash(string name) => Words(name) is not { } text ? null
        : ContentHash.TryParse(text, null, out ContentHash hash) ? hash
        : throw ManagementException.Invalid($"{name}: 64 hexadecimal digits are needed.");

    /// <summary>A day of the form; the time of the same day that the policy had is kept.</summary>
    private DateTimeOffset? Day(string name, DateTimeOffset? before) => Words(name) is not { } text ? null
        : !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? throw ManagementException.Invalid($"{name}: a day as 2026-11-30 is needed.")
        : before is { } known && DateOnly.FromDateTime(known.UtcDateTime) == day ? known
        : new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
