namespace Symantec.Virtualization.VirtualTagging.Tests;

public class DesktopTests
{
    [Fact]
    public void An_instant_clone_of_Horizon_is_pooled_and_forgets_its_changes()
    {
        DesktopTag desktop = Decide(
            new() { [DesktopEvidence.HorizonAgent] = "broker.example", [DesktopEvidence.HorizonPool] = "Floor-2" },
            files: new() { [DesktopEvidence.ClonePrepLog] = "" })!;

        Assert.Equal(
            new()
            {
                Broker = "horizon", Pool = DesktopPoolKind.Pooled, Persistent = false, MadeAs = CloneKind.InstantClone, PoolName = "Floor-2", BrokerAddress = "broker.example",
            },
            desktop);
    }

    [Fact]
    public void An_agent_of_Horizon_alone_does_not_tell_whether_changes_are_kept()
        => Assert.Null(Decide(new() { [DesktopEvidence.OmnissaAgent] = "broker.example" })!.Persistent);

    [Theory]
    [InlineData("0", true)]
    [InlineData("10", true)]
    [InlineData("9", false)]
    [InlineData("4", false)]
    public void A_disk_streamed_by_Citrix_keeps_changes_if_it_is_written_to_itself(string cache, bool persistent)
    {
        DesktopTag desktop = Decide(new() { [DesktopEvidence.PvsWriteCache] = cache, [DesktopEvidence.CitrixControllers] = "ddc1 ddc2" })!;

        Assert.Equal(("citrix", CloneKind.ProvisioningStream, persistent), (desktop.Broker, desktop.MadeAs, desktop.Persistent));
    }

    [Theory]
    [InlineData("Shared", false, DesktopPoolKind.Pooled)]
    [InlineData("Private", true, DesktopPoolKind.Assigned)]
    public void A_machine_of_Citrix_Machine_Creation_says_whether_its_disk_is_its_own(string mode, bool persistent, DesktopPoolKind pool)
    {
        DesktopTag desktop = Decide(
            new() { [DesktopEvidence.CitrixRegistered] = "ddc1" }, files: new() { [DesktopEvidence.Personality] = $"[StringData]\n$DiskMode={mode}\n" })!;

        Assert.Equal((persistent, pool, CloneKind.MachineCreation), (desktop.Persistent, desktop.Pool, desktop.MadeAs));
    }

    [Fact]
    public void A_session_host_of_Azure_Virtual_Desktop_is_known_once_it_is_registered_and_its_pool_s_kind_is_not()
    {
        Dictionary<string, string> registered = new() { [DesktopEvidence.AvdRegistered] = "1", [DesktopEvidence.AvdPool] = "id" };

        Assert.Equal(("avd", DesktopPoolKind.Unknown), (Decide(registered)!.Broker, Decide(registered)!.Pool));
        Assert.Null(Decide(new(registered) { [DesktopEvidence.AvdRegistered] = "0" }));
    }

    [Fact]
    public void A_computer_with_the_Windows_App_is_no_Cloud_PC()
    {
        Dictionary<string, string> key = new() { [DesktopEvidence.CloudPc] = "" };

        Assert.Null(Decide(key));
        Assert.Equal(("windows-365", true), (Decide(key, [DesktopEvidence.CloudPcService])!.Broker, Decide(key, [DesktopEvidence.CloudPcService])!.Persistent));
    }

    [Theory]
    [InlineData("MF2Service", "frame")]
    [InlineData("RAS RD Session Host Agent", "parallels-ras")]
    [InlineData("BrokerAgent", "citrix")]
    public void Other_brokers_are_known_by_their_service(string service, string broker) => Assert.Equal(broker, Decide([], [service])!.Broker);

    [Fact]
    public void Names_are_left_out_of_a_redacted_snapshot()
    {
        EvidenceSnapshot snapshot = Redaction.Apply(Snapshot(new() { [DesktopEvidence.HorizonAgent] = "broker.example", [DesktopEvidence.HorizonPool] = "Alice" }, [], []));

        DesktopTag desktop = VirtualizationDetector.Decide(snapshot).Desktop!;

        Assert.Equal((null, null), (desktop.PoolName, desktop.BrokerAddress));
        Assert.DoesNotContain("Alice", System.Text.Encoding.UTF8.GetString(snapshot.ToJson()), StringComparison.Ordinal);
        Assert.DoesNotContain("broker.example", System.Text.Encoding.UTF8.GetString(snapshot.ToJson()), StringComparison.Ordinal);
    }

    private static DesktopTag? Decide(Dictionary<string, string> registry, string[]? services = null, Dictionary<string, string>? files = null)
        => VirtualizationDetector.Decide(Snapshot(registry, services ?? [], files ?? [])).Desktop;

    private static EvidenceSnapshot Snapshot(Dictionary<string, string> registry, string[] services, Dictionary<string, string> files)
        => new() { Note = "synthetic", OperatingSystem = "windows", Registry = registry, Services = services, Files = files };
}
