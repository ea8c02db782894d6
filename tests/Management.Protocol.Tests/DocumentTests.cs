using System.Text.Json;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Protocol.Tests;

public class DocumentTests
{
    private static readonly MachineIdentity Machine = new() { HostName = "web-01", HardwareId = "hardware-0001", GenerationId = "generation-1" };

    public static TheoryData<string, HeartbeatRequest> Wrong => new()
    {
        { "sequence", Beat() with { Sequence = 0 } },
        { "machine.hostName", Beat() with { Machine = Machine with { HostName = new string('a', 300) } } },
        { "machine.hostName", Beat() with { Machine = Machine with { HostName = "a\nb" } } },
        { "machine.hardwareId", Beat() with { Machine = Machine with { HardwareId = "a b c d e f" } } },
        { "agentVersion", Beat() with { AgentVersion = " " } },
        { "properties", Beat() with { Properties = new Dictionary<string, string> { ["a b"] = "c" } } },
        { "properties.os", Beat() with { Properties = new Dictionary<string, string> { ["os"] = new('x', 300) } } },
        { "properties", Beat() with { Properties = Enumerable.Range(0, 33).ToDictionary(static i => $"p{i}", static _ => "") } },
        { "images", Beat() with { Images = [.. Enumerable.Repeat(new ImageInUse(Guid.NewGuid(), "a"), 65)] } },
        { "images.sealId", Beat() with { Images = [new ImageInUse(Guid.Empty, "a")] } },
        { "tag.hypervisor.version", Beat() with { Tag = Tag(new HypervisorTag { Family = "kvm", Product = "kvm", Vendor = "x", Name = "KVM", Version = new string('n', 200) }) } },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void What_a_heartbeat_may_not_hold_is_named(string member, HeartbeatRequest request)
        => Assert.StartsWith(member + ": ", Assert.Throws<JsonException>(request.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void A_heartbeat_reads_as_it_was_written()
    {
        HeartbeatRequest request = Beat() with { Tag = Tag(new HypervisorTag { Family = "kvm", Product = "kvm", Vendor = "x", Name = "KVM" }), State = AgentState.Impaired };

        string json = JsonSerializer.Serialize(request, ManagementJson.Default.HeartbeatRequest);
        HeartbeatRequest read = JsonSerializer.Deserialize(json, ManagementJson.Default.HeartbeatRequest)!;

        Assert.Contains("\"impaired\"", json, StringComparison.Ordinal);
        Assert.Equal("KVM", read.Tag!.Report.Tag.Hypervisor!.Name);
        Assert.Equal(json, JsonSerializer.Serialize(read, ManagementJson.Default.HeartbeatRequest));
    }

    [Fact]
    public void What_a_scan_tells_of_hostile_files_is_taken()
    {
        ScanResult result = new()
        {
            Location = "\u202E\0" + new string('d', 5000) + "/eicar.com", Length = -1, StoredLength = 0, Disposition = Disposition.Scanned, By = "x", Verdict = Verdict.Infected("Eicar\n\ud800"),
        };
        ScanSummary summary = new()
        {
            Contents = 1, Bytes = long.MaxValue, Infected = 1, Incomplete = 0, Failed = 0, Skipped = 0, Problems = 0, Elapsed = TimeSpan.MaxValue, TimeSaved = TimeSpan.MaxValue, Cancelled = false,
            Ledger = [new LedgerLine(Disposition.Skipped, "", 1, 1, TimeSpan.Zero)],
        };
        ResultBatch batch = new()
        {
            Id = Guid.NewGuid(),
            Created = DateTimeOffset.UtcNow,
            Scans = [ScanDocument.Of(summary, DateTimeOffset.UtcNow, ScanTrigger.Manual, "")],
            Detections = [DetectionDocument.Of(result, DateTimeOffset.UtcNow, ScanTrigger.Manual)],
        };

        batch.Validate();

        Assert.EndsWith("/eicar.com", batch.Detections[0].Location, StringComparison.Ordinal);
        Assert.Equal(WireLimits.MaxLocation, batch.Detections[0].Location.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("00000000000000000000000000000000.")]
    [InlineData("00000000000000000000000000000000.a b")]
    [InlineData("0000000000000000000000000000000g.abc")]
    public void What_are_no_credentials_is_not_read_as_some(string text) => Assert.False(ClientCredentials.TryParse(text, out _));

    [Fact]
    public void Credentials_read_as_they_were_written()
    {
        ClientCredentials credentials = new(Guid.NewGuid(), "abc-_9");
        Assert.True(ClientCredentials.TryParse(credentials.ToString(), out ClientCredentials? read));
        Assert.Equal(credentials, read);
    }

    private static HeartbeatRequest Beat() => new() { Sequence = 1, Machine = Machine, AgentVersion = "1.0" };

    private static TagDocument Tag(HypervisorTag hypervisor)
        => new(TagReport.Of(new VirtualizationTag { Machine = MachineKind.Virtual, Hypervisor = hypervisor }, DateTimeOffset.UtcNow, TagReportReason.Startup));
}
