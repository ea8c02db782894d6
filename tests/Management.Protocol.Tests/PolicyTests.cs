using System.Text;
using System.Text.Json;
using FsCheck.Xunit;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Protocol.Tests;

public class PolicyTests
{
    private static readonly PolicyDocument Whole = new(
        name: "Desktops",
        scan: new ScanPolicy(
            virtualImages: new VirtualImagesPolicy { OnDemand = true, RecalledContents = [ContentHash.Compute("x"u8)] },
            insightCache: new InsightCachePolicy { Enabled = true, Address = new Uri("https://cache.example:9005") }),
        schedules:
        [
            new ScanSchedule("weekly", new TimeOnly(22, 0), ScanTrigger.AdministratorDefined, [DayOfWeek.Sunday], windowMinutes: 360, maxMinutes: 120, roots: ["C:\\"]),
        ],
        heartbeatSeconds: 300);

    /// <summary>A document, and the beginning of what is said about it.</summary>
    public static TheoryData<string, string> Wrong => new()
    {
        { """{ "version": 2 }""", "version: 2 is not 1" },
        { """{ "heartbeatSeconds": 1 }""", "heartbeatSeconds: 1 is not from 5 to 86,400" },
        { """{ "scan": { "insightCache": { "enabled": true } } }""", "scan.insightCache.address: " },
        { """{ "scan": { "virtualImages": { "maxSealAgeDays": 0 } } }""", "scan.virtualImages.maxSealAgeDays: 0" },
        { """{ "schedules": [ { "name": "a" }, { "name": "A" } ] }""", "schedules[1].name: each schedule needs a name of its own" },
        { """{ "schedules": [ { "name": "a", "windowMinutes": 2000 } ] }""", "schedules[0].windowMinutes: 2000 is not from 0 to 1440" },
        { """{ "schedules": [ { "name": "a", "trigger": "autoProtect" } ] }""", "schedules[0].trigger: " },
        { """{ "schedules": [ { "name": "" } ] }""", "schedules[0].name: 1 to 128 characters" },
        { """{ "schedules": [ null ] }""", "schedules: " },
        { """{ "scan": { "virtualImages": { "autoprotect": true } } }""", "The JSON property 'autoprotect'" },
    };

    [Fact]
    public void A_policy_reads_as_it_was_written() => Assert.Equal(Whole, PolicyDocument.Parse(Whole.ToJson()));

    [Fact]
    public void A_policy_that_says_nothing_has_every_default() => Assert.Equal(new PolicyDocument(), PolicyDocument.Parse("{}"u8));

    [Theory, MemberData(nameof(Wrong))]
    public void What_is_wrong_is_named(string json, string message)
        => Assert.StartsWith(message, Assert.Throws<JsonException>(() => PolicyDocument.Parse(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    [Property]
    public void A_schedule_begins_later_within_its_window_and_always_at_the_same_moment(Guid client, ushort hours, byte window)
    {
        ScanSchedule schedule = new("nightly", new TimeOnly(23, 30), days: [DayOfWeek.Monday, DayOfWeek.Thursday], windowMinutes: window);
        DateTimeOffset after = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(hours);

        DateTimeOffset start = schedule.NextStart(after, client, TimeZoneInfo.Utc);

        Assert.True(start > after && start <= after.AddDays(8));
        Assert.Equal(start, schedule.NextStart(start.AddSeconds(-1), client, TimeZoneInfo.Utc));
        TimeSpan into = start - start.Date.AddDays(start.Hour < 12 ? -1 : 0).AddHours(23.5);
        Assert.InRange(into.TotalMinutes, 0, window);
    }

    [Fact]
    public void Clients_spread_over_the_window()
    {
        ScanSchedule schedule = new("nightly", new TimeOnly(0, 0));
        int[] quarters = new int[4];
        for (int i = 0; i < 4000; i++)
        {
            DateTimeOffset start = schedule.NextStart(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero), Guid.NewGuid(), TimeZoneInfo.Utc);
            quarters[start.Hour]++;
        }

        Assert.All(quarters, static count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void An_unmanaged_client_reads_the_same_document_from_a_file()
    {
        using TemporaryFolder folder = new();
        string path = folder["policy.json"];
        Guid clientId = Guid.NewGuid();
        File.WriteAllBytes(path, Whole.ToJson());

        #region read-a-policy-file
        PolicyDocument policy = PolicyDocument.Parse(File.ReadAllBytes(path));

        foreach (ScanSchedule schedule in policy.Schedules)
        {
            DateTimeOffset start = schedule.NextStart(DateTimeOffset.UtcNow, clientId, TimeZoneInfo.Local);
            Console.WriteLine($"{schedule.Name} begins at {start:u}");
        }
        #endregion

        Assert.Equal(Whole, policy);
    }
}
