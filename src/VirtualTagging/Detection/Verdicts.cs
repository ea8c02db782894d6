namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Weighs findings and answers each axis.</summary>
/// <remarks>
/// A machine is virtual if evidence that decides says so, and none that says physical is heavier. It is physical if something says so, nothing that decides says otherwise, and
/// what would have known better could be read. Else it is not known.
/// </remarks>
internal sealed class Verdicts
{
    private readonly FindingList _findings;
    private readonly EvidenceSnapshot _snapshot;

    public Verdicts(EvidenceSnapshot snapshot, FindingList findings)
    {
        _snapshot = snapshot;
        _findings = findings;
        Machine = WeighMachine();
    }

    public MachineKind Machine { get; }

    public PartitionRole Role()
    {
        PartitionRole said = RoleWords.Role(Heaviest(TagAxis.Role)?.Says);
        return Machine switch
        {
            MachineKind.Virtual => said is PartitionRole.None or PartitionRole.Host ? PartitionRole.Guest : said,
            MachineKind.Physical => said is PartitionRole.Root or PartitionRole.Dom0 or PartitionRole.Host ? said : PartitionRole.None,
            _ => PartitionRole.None,
        };
    }

    public HypervisorTag? Hypervisor(PartitionRole role)
    {
        string? shown = Heaviest(TagAxis.Interface)?.Says;
        HypervisorProduct? product = Machine == MachineKind.Virtual ? Product() ?? Products.Find(Products.Other) : Own(role);
        return product is null ? null : new HypervisorTag
        {
            Product = product.Id,
            Name = product.Name,
            Vendor = product.Vendor,
            Family = Family(product),
            Version = VersionOf(product),
            Interface = shown,
            Mode = Machine == MachineKind.Virtual ? Heaviest(TagAxis.Mode)?.Says : null,
        };
    }

    public CloudTag? Cloud()
        => Heaviest(TagAxis.Cloud) is { } finding && Clouds.Find(finding.Says) is { } cloud
            ? new()
            {
                Provider = cloud.Id,
                Name = cloud.Name,
                Platform = cloud.Platform,
                InstanceType = cloud.Id == "aws" ? CloudEvidence.InstanceType(_snapshot.Smbios) : null,
            }
            : null;

    public ContainerTag? Container()
    {
        bool kubernetes = Decisive(TagAxis.Container).Any(static finding => finding.Says == FindingList.Words.Kubernetes);
        // Between signs of the same weight the one that names its runtime counts.
        Finding? runtime = Decisive(TagAxis.Container)
            .Where(static finding => finding.Says != FindingList.Words.Kubernetes)
            .OrderByDescending(static finding => finding.Weight)
            .ThenBy(static finding => finding.Says == "other")
            .FirstOrDefault();
        return runtime is null && !kubernetes ? null : new(runtime?.Says ?? "other", kubernetes ? FindingList.Words.Kubernetes : null);
    }

    public ConfidentialTag? Confidential()
    {
        Finding? technology = _findings.On(TagAxis.Confidential).Where(static finding => finding.Says != ConfidentialWords.Paravisor).MaxBy(static finding => finding.Weight);
        return technology is null
            ? null
            : new(ConfidentialWords.Technology(technology.Says), _findings.On(TagAxis.Confidential).Any(static finding => finding.Says == ConfidentialWords.Paravisor));
    }

    public IReadOnlyList<ChainLink> Chain(HypervisorTag? hypervisor, PartitionRole role, ContainerTag? container)
    {
        List<ChainLink> chain = [];
        if (hypervisor is not null)
        {
            bool outer = Machine == MachineKind.Virtual;
            if (outer && hypervisor.Product != Products.Prsm && _findings.On(TagAxis.Product).Any(static finding => finding.Says == Products.Prsm))
            {
                chain.Add(new(Products.Prsm, PartitionRole.Guest));
            }

            // The machine's own hypervisor, inside the one that the machine runs under.
            bool own = outer && role is PartitionRole.Root or PartitionRole.Dom0;
            chain.Add(new(hypervisor.Product, own ? PartitionRole.Guest : role));
            if (own && Own(role) is { } inner)
            {
                chain.Add(new(inner.Id, role));
            }
        }

        if (container is not null)
        {
            chain.Add(new(container.Runtime, PartitionRole.None));
        }

        return chain;
    }

    /// <summary>Gets what one axis stands on.</summary>
    public AxisEvidence Evidence(TagAxis axis, string answer, Func<Finding, bool> agrees)
    {
        IEnumerable<Finding> all = _findings.On(axis);
        if (axis == TagAxis.Machine)
        {
            all = all.Concat(_findings.On(TagAxis.Product));
        }

        ILookup<bool, Finding> sides = all.OrderByDescending(static finding => finding.Weight).ToLookup(agrees);
        return new(axis, answer, [.. sides[true]], [.. sides[false]]);
    }

    /// <summary>Tells whether a finding agrees with the answer on the machine: evidence of a product is evidence of a virtual machine.</summary>
    public bool AgreesOnMachine(Finding finding)
    {
        bool saysVirtual = finding.Axis == TagAxis.Product || finding.Says == FindingList.Words.Virtual;
        return Machine == MachineKind.Virtual ? saysVirtual : Machine == MachineKind.Physical && !saysVirtual;
    }

    private MachineKind WeighMachine()
    {
        EvidenceWeight? isVirtual = Max(finding => finding.Axis == TagAxis.Product || finding is { Axis: TagAxis.Machine, Says: FindingList.Words.Virtual });
        EvidenceWeight? isPhysical = Max(static finding => finding is { Axis: TagAxis.Machine, Says: FindingList.Words.Physical });
        if (isVirtual >= EvidenceWeight.Strong && (isPhysical is null || isVirtual >= isPhysical))
        {
            return MachineKind.Virtual;
        }

        if (isPhysical is null || isVirtual > isPhysical)
        {
            return MachineKind.Unknown;
        }

        // A root partition owns the machine that it sees, which may be a virtual one: a word for a product is enough to doubt it.
        if (Heaviest(TagAxis.Role)?.Says == RoleWords.Root && isPhysical < EvidenceWeight.Strong && _findings.On(TagAxis.Product).Any(static finding => finding.Weight >= EvidenceWeight.Weak))
        {
            return MachineKind.Unknown;
        }

        // Proof needs no second opinion.
        bool unheard = _snapshot.Unread.Bounded().Any(static unread => unread.Decides);
        return unheard && isPhysical < EvidenceWeight.Proof ? MachineKind.Unknown : MachineKind.Physical;
    }

    private HypervisorProduct? Product()
    {
        Dictionary<string, EvidenceWeight> weights = [];
        foreach (Finding finding in _findings.On(TagAxis.Product))
        {
            weights[finding.Says] = weights.TryGetValue(finding.Says, out EvidenceWeight known) && known > finding.Weight ? known : finding.Weight;
        }

        // What shows another's interface is the closer word for it, and z/VM runs in a partition of PR/SM.
        string? best = null;
        foreach ((string id, EvidenceWeight weight) in weights)
        {
            if (weight > EvidenceWeight.Corroborating && (best is null || weight > weights[best] || (weight == weights[best] && Products.IsCloserWord(id, best))))
            {
                best = id;
            }
        }

        if (best is null)
        {
            return null;
        }

        foreach ((string id, EvidenceWeight weight) in weights)
        {
            if (weight >= EvidenceWeight.Weak && Products.IsCloserWord(id, best))
            {
                best = id;
            }
        }

        // An old QEMU gives Bochs' name to its firmware.
        return Products.Find(best == Products.Bochs && weights.ContainsKey(Products.Kvm) ? Products.Qemu : best);
    }

    /// <summary>Gets the hypervisor that runs on the machine itself, by its operating system's role.</summary>
    private static HypervisorProduct? Own(PartitionRole role) => role switch
    {
        PartitionRole.Root => Products.Find(Products.HyperV),
        PartitionRole.Dom0 => Products.Find(Products.Xen),
        PartitionRole.Host => Products.Find(Products.Kvm),
        _ => null,
    };

    /// <summary>
    /// QEMU runs with acceleration or without, and only the processor or a name tells. A monitor that is made for KVM may run on another hypervisor, which then
    /// names itself to the processor.
    /// </summary>
    private string Family(HypervisorProduct product)
    {
        if (product.Family is not (Products.Kvm or Products.Qemu) || Says(Products.Kvm))
        {
            return product.Family == Products.Qemu && Says(Products.Kvm) ? Products.Kvm : product.Family;
        }

        Finding? named = _findings.On(TagAxis.Product).FirstOrDefault(static finding => finding is { Source: EvidenceSource.Cpuid, Weight: EvidenceWeight.Strong });
        return named is null ? product.Family : Products.Find(named.Says)!.Family;
    }

    private bool Says(string product) => _findings.Items.Any(finding => finding.Axis is TagAxis.Product or TagAxis.Interface && finding.Says == product);

    /// <summary>A version belongs to the family that tells it: one of Hyper-V says nothing of the VMware around it.</summary>
    private string? VersionOf(HypervisorProduct product)
        => _findings.On(TagAxis.Version)
            .Where(finding => finding.Source switch
            {
                EvidenceSource.Cpuid => product.Family == (finding.Key.StartsWith("40000002", StringComparison.Ordinal) ? Products.HyperV : Products.Xen),
                EvidenceSource.Files when finding.Key.StartsWith("/sys/hypervisor", StringComparison.Ordinal) => product.Family == Products.Xen,
                EvidenceSource.Files => product.Id == Products.Zvm,
                _ => finding.Key switch
                {
                    "oem_strings" => product.Id == Products.VirtualBox,
                    "bios_segment" => product.Id == Products.Vmware,
                    _ => product.Family == Products.Xen,
                },
            })
            .MaxBy(static finding => finding.Weight)?.Says;

    private Finding? Heaviest(TagAxis axis) => _findings.On(axis).MaxBy(static finding => finding.Weight);

    private IEnumerable<Finding> Decisive(TagAxis axis) => _findings.On(axis).Where(static finding => finding.Weight >= EvidenceWeight.Strong);

    private EvidenceWeight? Max(Func<Finding, bool> which)
    {
        EvidenceWeight? max = null;
        foreach (Finding finding in _findings.Items)
        {
            if (which(finding) && (max is null || finding.Weight > max))
            {
                max = finding.Weight;
            }
        }

        return max;
    }
}
