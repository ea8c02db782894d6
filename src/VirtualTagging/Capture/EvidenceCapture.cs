using System.Runtime.InteropServices;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Reads this machine's evidence.</summary>
internal static class EvidenceCapture
{
    /// <summary>The variables that matter; of <c>USERNAME</c> only the accounts that Windows makes in containers are kept.</summary>
    private static readonly string[] Variables = ["container", "KUBERNETES_SERVICE_HOST", "DOTNET_RUNNING_IN_CONTAINER"];

    private static readonly string[] ContainerUsers = ["WDAGUtilityAccount", "ContainerAdministrator", "ContainerUser"];

    public static EvidenceSnapshot Run(CaptureOptions options)
    {
        List<UnreadSource> unread = [];
        EvidenceSnapshot snapshot = new()
        {
            OperatingSystem = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "macos" : "other",
            Architecture = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
            // A process that is translated for another processor sees a processor that is not there.
            Cpuid = options.ReadProcessor && RuntimeInformation.OSArchitecture is (Architecture.X64 or Architecture.X86) ? CpuidReader.Read() : CpuidTable.Empty,
            Environment = Environment(),
        };
        if (OperatingSystem.IsLinux())
        {
            snapshot = LinuxCapture.Read(snapshot, options, unread);
        }
        else if (OperatingSystem.IsWindows())
        {
            snapshot = WindowsCapture.Read(snapshot, options, unread);
        }

        if (snapshot.Cpuid.Count == 0 && snapshot.Architecture is "x64" or "x86")
        {
            unread.Add(new(EvidenceSource.Cpuid, "00000001", options.ReadProcessor ? "the processor has no CPUID" : "not asked for", Decides: true));
        }

        snapshot = snapshot with { Unread = unread };
        return options.IncludeNames ? snapshot : Redaction.Apply(snapshot);
    }

    private static Dictionary<string, string> Environment()
    {
        Dictionary<string, string> variables = [];
        foreach (string name in Variables)
        {
            if (System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                variables[name] = value;
            }
        }

        if (OperatingSystem.IsWindows() && System.Environment.GetEnvironmentVariable("USERNAME") is { } user && ContainerUsers.Contains(user, StringComparer.Ordinal))
        {
            variables["USERNAME"] = user;
        }

        return variables;
    }
}
