namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Tells whether a machine is virtual, under what, and why.</summary>
/// <remarks>Starts no process, asks no service and no network, needs no rights. Safe for concurrent use.</remarks>
/// <param name="options">What is captured; <see langword="null"/> for the defaults.</param>
public sealed class VirtualizationDetector(CaptureOptions? options = null)
{
    private readonly CaptureOptions _options = options ?? new CaptureOptions();

    /// <summary>Captures this machine's evidence and decides.</summary>
    /// <returns>What the machine is.</returns>
    public VirtualizationTag Detect() => Decide(Capture(_options));

    /// <summary>Captures this machine's evidence. What cannot be read is listed in the snapshot; nothing is thrown for it.</summary>
    /// <param name="options">What is captured; <see langword="null"/> for the defaults.</param>
    /// <returns>The evidence.</returns>
    public static EvidenceSnapshot Capture(CaptureOptions? options = null) => EvidenceCapture.Run(options ?? new CaptureOptions());

    /// <summary>Decides over evidence, wherever it was captured. A pure function: the same snapshot gives the same tag.</summary>
    /// <param name="snapshot">The evidence, which may be anybody's: the number of steps is bounded whatever it holds.</param>
    /// <returns>What the machine is.</returns>
    public static VirtualizationTag Decide(EvidenceSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        FindingList findings = new();
        CpuidEvidence.Collect(snapshot, findings);
        SmbiosEvidence.Collect(snapshot, findings);     // after the processor: where makers rent out both kinds, that decides
        AcpiEvidence.Collect(snapshot, findings);
        PciEvidence.Collect(snapshot, findings);
        MacEvidence.Collect(snapshot, findings);
        XenEvidence.Collect(snapshot, findings);
        LinuxEvidence.Collect(snapshot, findings);      // after Xen: its control domain looks like a guest in the device tree
        CloudEvidence.Collect(snapshot, findings);
        ContainerEvidence.Collect(snapshot, findings);
        DesktopTag? desktop = DesktopEvidence.Collect(snapshot, findings);
        return Tag(snapshot, findings, desktop);
    }

    private static VirtualizationTag Tag(EvidenceSnapshot snapshot, FindingList findings, DesktopTag? desktop)
    {
        Verdicts verdicts = new(snapshot, findings);
        PartitionRole role = verdicts.Role();
        HypervisorTag? hypervisor = verdicts.Hypervisor(role);
        ContainerTag? container = verdicts.Container();
        CloudTag? cloud = verdicts.Cloud();
        ConfidentialTag? confidential = verdicts.Confidential();
        return new VirtualizationTag
        {
            Machine = verdicts.Machine,
            Hypervisor = hypervisor,
            Role = role,
            Cloud = cloud,
            Container = container,
            Confidential = confidential,
            Desktop = desktop,
            HasGenerationId = findings.On(TagAxis.GenerationId).Any(),
            Chain = verdicts.Chain(hypervisor, role, container),
            Unread = [.. snapshot.Unread.Bounded()],
            Evidence =
            [
                verdicts.Evidence(TagAxis.Machine, TagWords.Of(verdicts.Machine), verdicts.AgreesOnMachine),
                verdicts.Evidence(TagAxis.Product, hypervisor?.Product ?? "none", finding => Agrees(finding, hypervisor?.Product)),
                verdicts.Evidence(TagAxis.Interface, hypervisor?.Interface ?? "none", finding => finding.Says == hypervisor?.Interface),
                verdicts.Evidence(TagAxis.Version, hypervisor?.Version ?? "unknown", finding => finding.Says == hypervisor?.Version),
                verdicts.Evidence(TagAxis.Mode, hypervisor?.Mode ?? "none", finding => finding.Says == hypervisor?.Mode),
                verdicts.Evidence(TagAxis.Role, TagWords.Of(role), finding => RoleWords.Role(finding.Says) == role),
                verdicts.Evidence(TagAxis.Cloud, cloud?.Provider ?? "none", finding => finding.Says == cloud?.Provider),
                verdicts.Evidence(TagAxis.Container, container?.Runtime ?? "none", finding => finding.Says == container?.Runtime || finding.Says == container?.Orchestrator),
                verdicts.Evidence(TagAxis.Confidential, confidential is null ? "none" : TagWords.Of(confidential.Technology), _ => confidential is not null),
                verdicts.Evidence(TagAxis.Desktop, desktop?.Broker ?? "none", _ => desktop is not null),
                verdicts.Evidence(TagAxis.GenerationId, findings.On(TagAxis.GenerationId).Any() ? "present" : "none", static _ => true),
            ],
        };
    }

    /// <summary>A coarser word for the same product speaks for it.</summary>
    private static bool Agrees(Finding finding, string? product)
        => product is not null && (finding.Says == product || Products.IsCloserWord(product, finding.Says));
}
