using System.Text;
using System.Text.Json;

namespace Symantec.Virtualization.Scanning.Core.Tests;

public class ScanPolicyTests
{
    public static TheoryData<string, string> Broken => new()
    {
        { """{ "version": 2 }""", "version: 2" },
        { """{ "virtualImages": { "autoprotect": true } }""", "autoprotect" },
        { """{ "insightCache": { "enabled": true } }""", "insightCache.address" },
        { """{ "insightCache": { "enabled": true, "address": "ftp://cache" } }""", "insightCache.address" },
        { """{ "limits": { "maxHashedLength": -1 } }""", "limits.maxHashedLength" },
        { """{ "limits": { "maxHoleLength": -1 } }""", "limits.maxHoleLength" },
        { """{ "limits": { "maxTotalHoleLength": -1 } }""", "limits.maxTotalHoleLength" },
        { """{ "insightCache": { "pinnedKey": "12" } }""", "pinnedKey" },
        { """{ "virtualImages": { "check": "sometimes" } }""", "check" },
        { """{ "virtualImages": { "maxSealAgeDays": 0 } }""", "virtualImages.maxSealAgeDays" },
        { """{ "virtualImages": { "oldestSeal": -1 } }""", "virtualImages.oldestSeal" },
        { """{ "virtualImages": { "revokedSeals": ["x"] } }""", "revokedSeals" },
        { """{ "virtualImages": { "recalledContents": ["12"] } }""", "recalledContents" },
        { """{ "virtualImages": { "sealKeys": [""] } }""", "virtualImages.sealKeys" },
        { "null", "null" },
        { "[]", "Path: $" },
    };

    [Theory]
    [InlineData(ScanTrigger.AutoProtect)]
    [InlineData(ScanTrigger.Manual)]
    [InlineData(ScanTrigger.Scheduled)]
    [InlineData(ScanTrigger.AdministratorDefined)]
    public void By_default_nothing_is_exempt(ScanTrigger trigger)
    {
        ScanPolicy policy = Parse("{}");

        Assert.Equal(new ScanPolicy(), policy);
        Assert.False(policy.VirtualImages.Covers(trigger));
        Assert.False(policy.InsightCache.Covers(trigger));
    }

    [Theory]
    [InlineData(ScanTrigger.AutoProtect, true, false, true)]
    [InlineData(ScanTrigger.AutoProtect, false, true, false)]
    [InlineData(ScanTrigger.Manual, false, true, true)]
    [InlineData(ScanTrigger.Scheduled, false, true, true)]
    [InlineData(ScanTrigger.AdministratorDefined, false, true, true)]
    [InlineData(ScanTrigger.Manual, true, false, false)]
    public void Each_switch_of_virtual_images_governs_its_own_scans(ScanTrigger trigger, bool autoProtect, bool onDemand, bool covers)
        => Assert.Equal(covers, new VirtualImagesPolicy { AutoProtect = autoProtect, OnDemand = onDemand }.Covers(trigger));

    [Fact]
    public void The_insight_cache_serves_every_scan_on_demand_and_never_Auto_Protect()
    {
        InsightCachePolicy cache = Parse("""{ "insightCache": { "enabled": true, "address": "https://cache:9005" } }""").InsightCache;

        Assert.Equal(
            [ScanTrigger.Manual, ScanTrigger.Scheduled, ScanTrigger.AdministratorDefined],
            Enum.GetValues<ScanTrigger>().Where(cache.Covers));
    }

    [Fact]
    public void A_policy_reads_back_as_it_was_written()
    {
        ScanPolicy policy = new()
        {
            VirtualImages = new()
            {
                OnDemand = true,
                Check = SealCheck.IdentityOrHash,
                MaxSealAgeDays = 90,
                OldestDefinitions = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
                OldestSeal = 7,
                RevokedSeals = [Guid.Parse("b5f3c1de-0000-4000-8000-000000000001")],
                RecalledContents = [ContentHash.Compute("bad"u8)],
                SealKeys = ["-----BEGIN PUBLIC KEY-----"],
            },
            InsightCache = new()
            {
                Enabled = true, Address = new Uri("https://cache.example:9005/"), UserName = "clients", CredentialName = "cache", PinnedKey = ContentHash.Compute("key"u8),
            },
            Limits = new() { MaxHashedLength = 5, MaxHoleLength = 6, MaxTotalHoleLength = 7 },
        };

        Assert.Equal(policy, ScanPolicy.Parse(policy.ToJson()));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_policy_that_is_wrong_is_refused_by_the_name_of_what_is_wrong(string json, string named)
        => Assert.Contains(named, Assert.ThrowsAny<JsonException>(() => Parse(json)).Message, StringComparison.Ordinal);

    private static ScanPolicy Parse(string json) => ScanPolicy.Parse(Encoding.UTF8.GetBytes(json));
}
