using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Console.Tests;

/// <summary>A few dozen clients of many kinds, some of them silent, cloned, infected or hostile.</summary>
public sealed class Fleet
{
    /// <summary>What a hostile client calls itself: markup, an attribute's end, and a mark that turns the writing direction. Control characters the manager refuses by itself.</summary>
    public const string HostileName = "<img src=x onerror=alert(1)>\"'&\u202Egpj";

    public const string HostileThreat = "<script>alert('threat')</script>";

    public static readonly ContentHash Bad = ContentHash.Compute("the content that turned out bad"u8);
    public static readonly Guid Seal = Guid.Parse("5ea15ea1-0000-4000-8000-000000000011");

    private readonly ConsoleHost _host;
    private readonly Dictionary<string, ClientCredentials> _clients = [];
    private long _sequence;

    private Fleet(ConsoleHost host)
    {
        _host = host;
    }

    /// <summary>Gets the group of the virtual desktops.</summary>
    public int Desktops { get; private set; }

    public Guid this[string name] => _clients[name].ClientId;

    public static async Task<Fleet> EnrolAsync(ConsoleHost host)
    {
        Fleet fleet = new(host);
        GroupTree groups = host.Get<GroupTree>();
        fleet.Desktops = (await groups.AddAsync(GroupTree.RootId, "VDI", Actor.Manager)).Id;
        int floor = (await groups.AddAsync(fleet.Desktops, "Floor 1", Actor.Manager)).Id;
        int servers = (await groups.AddAsync(GroupTree.RootId, "Servers", Actor.Manager)).Id;
        await host.Get<PolicyStore>().SetAsync(
            GroupTree.RootId,
            new PolicyDocument(name: "Everywhere", scan: new ScanPolicy(insightCache: new InsightCachePolicy { Enabled = true, Address = new Uri("http://127.0.0.1:9/") })),
            "the company's ground rules",
            Actor.Manager);

        await host.Get<PolicyStore>().SetAsync(
            servers,
            new PolicyDocument(
                name: "Servers",
                scan: new ScanPolicy(virtualImages: new VirtualImagesPolicy { OnDemand = true }, insightCache: new InsightCachePolicy { Enabled = true, Address = host.Cache })),
            "servers have a cache of their own",
            Actor.Manager);

        string old = await fleet.TokenAsync(servers);
        for (int i = 1; i <= 3; i++)
        {
            await fleet.AddAsync(old, $"stale-{i}", Tag("kvm", "kvm", "KVM", "Linux", cloud: "openstack"));
        }

        host.Time.Advance(TimeSpan.FromDays(3));
        string desktops = await fleet.TokenAsync(floor);
        for (int i = 1; i <= 18; i++)
        {
            await fleet.AddAsync(
                desktops, $"desk-{i:D2}", Tag("vmware", "vmware", "VMware vSphere", "VMware, Inc.", broker: i % 3 == 0 ? "citrix" : "horizon", persistent: i % 2 == 0), hardware: $"hardware-of-desk-{i:D2}");
        }

        string rest = await fleet.TokenAsync(servers);
        for (int i = 1; i <= 6; i++)
        {
            await fleet.AddAsync(rest, $"aws-{i}", Tag("kvm", "nitro", "AWS Nitro", "Amazon", cloud: "aws"));
            await fleet.AddAsync(rest, $"hv-{i}", Tag("hyperv", "hyperv", "Microsoft Hyper-V", "Microsoft", cloud: i % 2 == 0 ? "azure" : null, role: i == 1 ? PartitionRole.Root : PartitionRole.Guest));
        }

        await fleet.AddAsync(rest, "metal-1", new VirtualizationTag { Machine = MachineKind.Physical });
        await fleet.AddAsync(rest, "odd-1", Contradictory());
        await fleet.AddAsync(rest, "desk-01-clone", Tag("vmware", "vmware", "VMware vSphere", "VMware, Inc."), hardware: "hardware-of-desk-01", generation: "generation-two");
        await fleet.AddAsync(rest, HostileName, Hostile());
        await fleet.ReportAsync();
        return fleet;
    }

    public Task AnswerAsync(string client, ContentHash hash) => PostAsync(
        client,
        Routes.RecallAnswers,
        new RecallAnswer
        {
            PolicyTag = "\"1\"",
            Relied = [new RelianceDocument { Hash = hash, Exemption = "virtual-image", SealId = Seal, ImageId = "win11-2026-11", Location = "C:\\Windows\\System32\\evil.dll" }],
        },
        ManagementJson.Default.RecallAnswer);

    /// <summary>Has a client claim that a scan and what it saved took as long as a document can say.</summary>
    public Task ClaimEternityAsync(string client) => PostAsync(
        client,
        Routes.Results,
        new ResultBatch
        {
            Id = Guid.NewGuid(),
            Created = _host.Time.GetUtcNow(),
            Scans = [new ScanDocument { Started = _host.Time.GetUtcNow(), Trigger = ScanTrigger.Scheduled, Target = "for ever", Contents = 1, Bytes = 1L << 53, Milliseconds = 1L << 53, MillisecondsSaved = 1L << 53 }],
            Savings = [new SavingDocument { Day = DateOnly.FromDateTime(_host.Time.GetUtcNow().UtcDateTime), Exemption = "eternity", Contents = 1L << 53, Bytes = 1L << 53, Milliseconds = 1L << 53 }],
        },
        ManagementJson.Default.ResultBatch);

    private static VirtualizationTag Tag(
        string family, string product, string name, string vendor, string? cloud = null, PartitionRole role = PartitionRole.Guest, string? broker = null, bool? persistent = null) => new()
        {
            Machine = MachineKind.Virtual,
            Role = role,
            Hypervisor = new HypervisorTag { Family = family, Product = product, Name = name, Vendor = vendor, Version = "8.0.3", Interface = family },
            Cloud = cloud is null ? null : new CloudTag { Provider = cloud, Name = cloud, InstanceType = "m7.large" },
            Desktop = broker is null ? null : new DesktopTag { Broker = broker, Pool = DesktopPoolKind.Pooled, Persistent = persistent, MadeAs = CloneKind.InstantClone },
            HasGenerationId = true,
            Chain = [new ChainLink(product, role)],
            Evidence = [new AxisEvidence(TagAxis.Product, product, [Finding(EvidenceSource.Cpuid, "0x40000000", "VMwareVMware", product)], [])],
        };

    private static VirtualizationTag Contradictory() => Tag("kvm", "kvm", "KVM", "Linux") with
    {
        Evidence =
        [
            new AxisEvidence(
                TagAxis.Product,
                "kvm",
                [Finding(EvidenceSource.Cpuid, "0x40000000", "KVMKVMKVM", "kvm")],
                [Finding(EvidenceSource.Smbios, "system.manufacturer", "VMware, Inc.", "vmware")]),
        ],
        Unread = [new UnreadSource(EvidenceSource.AcpiTables, "/sys/firmware/acpi/tables", "permission denied")],
    };

    private static VirtualizationTag Hostile() => Tag("kvm", "kvm", "<b>KVM</b>", "\" onmouseover=\"alert(1)") with
    {
        Evidence = [new AxisEvidence(TagAxis.Product, "<i>kvm</i>", [Finding(EvidenceSource.Smbios, "system.product", "\u001b[31m<u>red</u>", "kvm")], [])],
    };

    private static Finding Finding(EvidenceSource source, string key, string value, string says)
        => new() { Source = source, Key = key, Value = value, Axis = TagAxis.Product, Says = says, Weight = EvidenceWeight.Strong };

    private async Task<string> TokenAsync(int group)
        => (await _host.Get<EnrolmentTokens>().AddAsync(new EnrolmentTokenRequest { Note = "tests", GroupId = group, MaxUses = 100 }, Actor.Manager)).Token;

    private async Task AddAsync(string token, string name, VirtualizationTag tag, string? hardware = null, string? generation = "generation-one")
    {
        MachineIdentity machine = new() { HostName = name, HardwareId = hardware ?? $"hardware-{_clients.Count:D4}", GenerationId = generation };
        EnrolmentResponse answer = await _host.SendAsync(
            Routes.Enrolment,
            new EnrolmentRequest { Token = token, Machine = machine, AgentVersion = "1.2.0", Tag = TagDocument.Of(TagReport.Of(tag, _host.Time.GetUtcNow(), TagReportReason.Startup)) },
            ManagementJson.Default.EnrolmentRequest,
            ManagementJson.Default.EnrolmentResponse);
        _clients.Add(name, new ClientCredentials(answer.ClientId, answer.Secret));
        bool isDesktop = name.StartsWith("desk-", StringComparison.Ordinal);
        await PostAsync(
            name,
            Routes.Heartbeat,
            new HeartbeatRequest
            {
                Sequence = ++_sequence,
                Machine = machine,
                AgentVersion = "1.2.0",
                State = name == "hv-3" ? AgentState.Impaired : AgentState.Idle,
                StateDetail = name == "hv-3" ? "the definitions cannot be loaded" : null,
                Definitions = new DefinitionsDocument { Engine = "clamav", Version = name.StartsWith("stale", StringComparison.Ordinal) ? "27480" : "27500", Sequence = 27500, Published = _host.Time.GetUtcNow().AddHours(-6) },
                Properties = new Dictionary<string, string> { ["os"] = isDesktop ? "Windows 11" : "Debian 13", ["owner"] = name == HostileName ? "<a href=javascript:alert(1)>x</a>" : "IT" },
                Images = isDesktop ? [new ImageInUse(Seal, "win11-2026-11")] : null,
            },
            ManagementJson.Default.HeartbeatRequest);
    }

    private async Task ReportAsync()
    {
        DateTimeOffset now = _host.Time.GetUtcNow();
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime);
        foreach ((int index, string name) in _clients.Keys.Index())
        {
            bool isDesktop = name.StartsWith("desk-", StringComparison.Ordinal);
            bool isInfected = name is "desk-04" or "aws-2" or HostileName;
            await PostAsync(
                name,
                Routes.Results,
                new ResultBatch
                {
                    Id = Guid.NewGuid(),
                    Created = now,
                    Scans =
                    [
                        new ScanDocument
                        {
                            Started = now.AddHours(-2), Trigger = ScanTrigger.Scheduled, Target = "nightly", Contents = 120_000 + index, Bytes = 24L << 30, Skipped = 118_000, BytesSaved = 23L << 30,
                            MillisecondsSaved = 1_500_000, Milliseconds = 95_000, Infected = isInfected ? 1 : 0, Incomplete = index % 5,
                        },
                    ],
                    Detections = isInfected
                        ? [new DetectionDocument { Time = now.AddHours(-2), Threat = name == HostileName ? HostileThreat : "Eicar-Test-Signature", Location = name == HostileName ? "/tmp/<svg onload=alert(2)>\u202Etxt" : "C:\\Users\\Public\\eicar.com", Hash = ContentHash.Compute("eicar"u8), Length = 68, Trigger = ScanTrigger.Scheduled, Action = DetectionAction.Quarantined }]
                        : [],
                    Savings =
                    [
                        .. Enumerable.Range(0, 14).Select(day => new SavingDocument
                        {
                            Day = today.AddDays(-day),
                            Exemption = isDesktop ? "virtual-image" : "insight-cache",
                            ImageId = isDesktop ? "win11-2026-11" : null,
                            SealId = isDesktop ? Seal : null,
                            Contents = 90_000 + (((index * 31) + (day * 57)) % 23 * 1000),
                            Bytes = (2L << 30) + (((index * 13) + (day * 29)) % 17 * ((1L << 28) + (((day * 5) + index) % 11 * (1L << 28)))),
                            Milliseconds = 900_000,
                        }),
                    ],
                },
                ManagementJson.Default.ResultBatch);
        }
    }

    private async Task PostAsync<T>(string client, string path, T document, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        using HttpResponseMessage answer = await _host.PostAsync(path, document, type, _clients[client]);
    }
}
