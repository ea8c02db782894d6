namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What agents of desktop brokers leave in the registry and among the services of Windows.</summary>
internal static class DesktopEvidence
{
    internal const string HorizonAgent = @"HKLM\SOFTWARE\VMware, Inc.\VMware VDM\Agent\Configuration\Broker";
    internal const string OmnissaAgent = @"HKLM\SOFTWARE\Omnissa\Horizon\Agent\Configuration\Broker";
    internal const string HorizonPool = @"HKCU\Volatile Environment\ViewClient_Launch_ID";
    internal const string CitrixControllers = @"HKLM\SOFTWARE\Citrix\VirtualDesktopAgent\ListOfDDCs";
    internal const string CitrixRegistered = @"HKLM\SOFTWARE\Citrix\VirtualDesktopAgent\State\RegisteredDdcFqdn";
    internal const string PvsWriteCache = @"HKLM\SYSTEM\CurrentControlSet\Services\bnistack\PVSAgent\WriteCacheType";
    internal const string AvdRegistered = @"HKLM\SOFTWARE\Microsoft\RDInfraAgent\IsRegistered";
    internal const string AvdPool = @"HKLM\SOFTWARE\Microsoft\RDInfraAgent\HostPoolId";
    internal const string AvdPoolName = @"HKLM\SOFTWARE\Microsoft\RDInfraAgent\HostPoolName";
    internal const string AvdBroker = @"HKLM\SOFTWARE\Microsoft\RDInfraAgent\BrokerURI";
    internal const string CloudPc = @"HKLM\SOFTWARE\Microsoft\Windows365";
    internal const string CloudPcService = "CloudManagedDesktopExtension";
    internal const string Personality = @"C:\Personality.ini";
    internal const string ClonePrepLog = @"C:\Windows\Temp\vmware-viewcomposer-ga-new.log";

    private const string Persistent = "persistent";
    private const string NonPersistent = "non-persistent";

    public static DesktopTag? Collect(EvidenceSnapshot snapshot, FindingList findings)
        => CloudPcDesktop(snapshot, findings)
            ?? Horizon(snapshot, findings)
            ?? Citrix(snapshot, findings)
            ?? AzureDesktop(snapshot, findings)
            ?? ByService(snapshot, findings, "MF2Service", "frame")
            ?? ByService(snapshot, findings, "RAS RD Session Host Agent", "parallels-ras");

    /// <summary>The registry key alone is on any computer with the Windows App.</summary>
    private static DesktopTag? CloudPcDesktop(EvidenceSnapshot snapshot, FindingList findings)
    {
        if (!snapshot.Registry.ContainsKey(CloudPc) || !snapshot.HasService(CloudPcService))
        {
            return null;
        }

        Found(findings, EvidenceSource.Services, CloudPcService, "present", "windows-365");
        return new() { Broker = "windows-365", Pool = DesktopPoolKind.Assigned, Persistent = true };
    }

    private static DesktopTag? Horizon(EvidenceSnapshot snapshot, FindingList findings)
    {
        string key = snapshot.Registry.ContainsKey(OmnissaAgent) ? OmnissaAgent : HorizonAgent;
        if (snapshot.RegistryValue(key) is not { } broker)
        {
            return null;
        }

        Found(findings, EvidenceSource.Registry, key, broker, "horizon");
        // The clones' service is in every image that was prepared for them; the log of ClonePrep is written in a clone.
        bool clone = snapshot.HasFile(ClonePrepLog);
        if (clone)
        {
            Found(findings, EvidenceSource.Files, ClonePrepLog, "present", NonPersistent);
        }

        string? pool = snapshot.RegistryValue(HorizonPool);
        return new()
        {
            Broker = "horizon",
            Pool = clone ? DesktopPoolKind.Pooled : DesktopPoolKind.Unknown,     // dedicated pools have a name as well
            Persistent = clone ? false : null,
            MadeAs = clone ? CloneKind.InstantClone : CloneKind.Unknown,
            PoolName = Name(snapshot, pool),
            BrokerAddress = Name(snapshot, broker),
        };
    }

    private static DesktopTag? Citrix(EvidenceSnapshot snapshot, FindingList findings)
    {
        string key = snapshot.Registry.ContainsKey(CitrixRegistered) ? CitrixRegistered : CitrixControllers;
        string? controllers = snapshot.RegistryValue(key);
        string? cache = snapshot.RegistryValue(PvsWriteCache);
        if (controllers is null && cache is null && !snapshot.HasService("BrokerAgent"))
        {
            return null;
        }

        Found(findings, controllers is null ? EvidenceSource.Services : EvidenceSource.Registry, controllers is null ? "BrokerAgent" : key, controllers, "citrix");
        DesktopTag tag = new() { Broker = "citrix", BrokerAddress = Name(snapshot, controllers) };
        string? mode = snapshot.File(Personality) is { } personality ? SnapshotReading.LineOf(personality, "DiskMode") ?? SnapshotReading.LineOf(personality, "$DiskMode") : null;
        if (cache is not null)
        {
            // 0 and 10 write to the disk itself; every other type keeps changes until the restart.
            bool writes = cache.Trim() is "0" or "10";
            Found(findings, EvidenceSource.Registry, PvsWriteCache, cache, writes ? Persistent : NonPersistent);
            tag = tag with { MadeAs = CloneKind.ProvisioningStream, Persistent = writes };
        }
        else if (mode is not null)
        {
            bool own = mode.Equals("Private", StringComparison.OrdinalIgnoreCase);
            Found(findings, EvidenceSource.Files, Personality, "DiskMode=" + mode, own ? Persistent : NonPersistent);
            tag = tag with { MadeAs = CloneKind.MachineCreation, Persistent = own };
        }

        return tag with
        {
            Pool = tag.Persistent switch { true => DesktopPoolKind.Assigned, false => DesktopPoolKind.Pooled, null => DesktopPoolKind.Unknown },
        };
    }

    private static DesktopTag? AzureDesktop(EvidenceSnapshot snapshot, FindingList findings)
    {
        if (snapshot.RegistryValue(AvdRegistered)?.Trim() != "1")
        {
            return null;
        }

        Found(findings, EvidenceSource.Registry, AvdRegistered, "1", "avd");
        return new()
        {
            Broker = "avd",
            Pool = DesktopPoolKind.Unknown,     // personal host pools have a number as well
            PoolName = Name(snapshot, snapshot.RegistryValue(AvdPoolName)),
            BrokerAddress = Name(snapshot, snapshot.RegistryValue(AvdBroker)),
        };
    }

    private static DesktopTag? ByService(EvidenceSnapshot snapshot, FindingList findings, string service, string broker)
    {
        if (!snapshot.HasService(service))
        {
            return null;
        }

        Found(findings, EvidenceSource.Services, service, "present", broker);
        return new() { Broker = broker };
    }

    private static string? Name(EvidenceSnapshot snapshot, string? value) => snapshot.Redacted ? null : value;

    private static void Found(FindingList findings, EvidenceSource source, string key, string? value, string says)
        => findings.Add(source, key, value ?? "present", TagAxis.Desktop, says, EvidenceWeight.Strong);
}
