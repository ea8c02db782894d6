namespace Symantec.Virtualization.VirtualTagging.Tests;

/// <summary>Machines that other projects captured, each axis that is known compared with the answer.</summary>
public class CapturedMachineTests
{
    /// <summary>Labels that no evidence in their capture can give, or that mean something else, each with the reason.</summary>
    private static readonly Dictionary<(string Id, string Axis), string> WrongLabels = new()
    {
        [("cpuid/firecracker/cpuid-r-c3", "cloud")] = "the capture is CPUID alone, which is Xen's; that it ran on Amazon stands in the source file's name only",
        [("cpuid/firecracker/cpuid-r-t2", "cloud")] = "the capture is CPUID alone, which is Xen's; that it ran on Amazon stands in the source file's name only",
        [("glpi/vmware-esx-2.5", "vm")] = "the capture is empty: its source is a dump without any structure",
        [("glpi/vmware-esx-2.5", "hypervisor")] = "the capture is empty: its source is a dump without any structure",
        [("cloud-init/Ec2-ZStack", "cloud")] = "the label names cloud-init's data source; the cloud is ZStack, whose metadata service imitates Amazon's",
    };

    /// <summary>What one source calls an answer, and the words that mean the same here.</summary>
    private static readonly Dictionary<string, string[]> Synonyms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["qemu|kvm"] = ["qemu", "kvm"],
        ["Ec2"] = ["aws"],
        ["host"] = ["dom0", "root", "host"],
    };

    [Fact]
    public void Every_axis_that_a_capture_states_is_answered_so()
    {
        List<string> differences = [];
        foreach (CapturedMachine machine in CapturedMachine.ReadAll())
        {
            VirtualizationTag tag = VirtualizationDetector.Decide(machine.Snapshot);
            foreach ((string axis, string? expected) in machine.Expected)
            {
                string[] answers = Answers(tag, axis);
                if (!Agrees(axis, expected, answers) && !WrongLabels.ContainsKey((machine.Id, axis)))
                {
                    differences.Add($"{machine.Id}: {axis} is {expected ?? "none"}, answered {string.Join('/', answers)}");
                }
            }
        }

        Assert.Empty(differences);
    }

    [Fact]
    public void A_capture_reads_back_from_JSON_and_is_answered_alike()
    {
        Assert.All(CapturedMachine.ReadAll(), static machine =>
        {
            EvidenceSnapshot again = EvidenceSnapshot.Parse(machine.Snapshot.ToJson());

            Assert.Equal(machine.Snapshot.ToJson(), again.ToJson());
            Assert.Equal(Report(machine.Snapshot), Report(again));
        });
    }

    [Fact]
    public void What_is_redacted_decides_nothing()
    {
        Assert.All(CapturedMachine.ReadAll(), static machine =>
        {
            VirtualizationTag open = VirtualizationDetector.Decide(machine.Snapshot);
            VirtualizationTag redacted = VirtualizationDetector.Decide(Redaction.Apply(machine.Snapshot));

            Assert.Equal(open.Machine, redacted.Machine);
            Assert.Equal(open.Hypervisor, redacted.Hypervisor);
            Assert.Equal(open.Role, redacted.Role);
            Assert.Equal(open.Cloud, redacted.Cloud);
            Assert.Equal(open.Container, redacted.Container);
        });
    }

    [Fact]
    public void Every_answer_of_a_virtual_machine_lists_what_it_stands_on()
    {
        Assert.All(CapturedMachine.ReadAll(), static machine =>
        {
            VirtualizationTag tag = VirtualizationDetector.Decide(machine.Snapshot);
            AxisEvidence answer = tag.Evidence.Single(static evidence => evidence.Axis == TagAxis.Machine);

            Assert.True(tag.Machine == MachineKind.Unknown || answer.For.Count > 0, machine.Id);
        });
    }

    private static byte[] Report(EvidenceSnapshot snapshot)
        => TagReport.Of(VirtualizationDetector.Decide(snapshot), DateTimeOffset.UnixEpoch, TagReportReason.Startup).ToJson();

    private static string[] Answers(VirtualizationTag tag, string axis) => axis switch
    {
        "vm" => [tag.Machine switch { MachineKind.Virtual => "True", MachineKind.Physical => "False", _ => "unknown" }],
        "hypervisor" => tag.Hypervisor is { } hypervisor ? [hypervisor.Family, hypervisor.Product, $"{hypervisor.Interface}-interface"] : [],
        "product" => tag.Hypervisor is { } product ? [product.Product] : [],
        "role" => tag.Role == PartitionRole.None ? [] : [TagWords.Of(tag.Role)],
        "cloud" => tag.Cloud is { } cloud ? [cloud.Provider, cloud.Name, .. cloud.Platform is null ? Array.Empty<string>() : [cloud.Platform]] : [],
        "container" => tag.Container is { } container ? [container.Runtime] : [],
        "mode" => tag.Hypervisor?.Mode is { } mode ? [mode] : [],
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "an axis that the data did not have before"),
    };

    private static bool Agrees(string axis, string? expected, string[] answers)
    {
        if (axis == "vm" && expected is null)
        {
            return true;    // the source does not say
        }

        if (expected is null)
        {
            return answers.Length == 0;
        }

        // A product in a sentence says that the capture cannot tell it.
        if (axis == "product" && expected.Contains(' ', StringComparison.Ordinal))
        {
            return true;
        }

        string[] wanted = Synonyms.GetValueOrDefault(expected, [expected]);
        return answers.Any(answer => wanted.Any(word => answer.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }
}
