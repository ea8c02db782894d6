using System.Text;
using Microsoft.Win32;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Client;

/// <summary>Tells which machine this is.</summary>
internal static class MachineReader
{
    /// <summary>The firmware's UUID tells virtual machines apart, which copy the disk; only root reads it. The installed system's identifier is copied with the disk.</summary>
    private static readonly string[] Files = ["/sys/class/dmi/id/product_uuid", "/etc/machine-id"];

    public static MachineIdentity Read(ManagementClientOptions options)
        => new() { HostName = options.HostName, HardwareId = options.HardwareId ?? HashOf(Identifier() ?? options.HostName), GenerationId = options.GenerationId() };

    private static string HashOf(string identifier) => ContentHash.Compute(Encoding.UTF8.GetBytes("symantec-virtualization/hardware/" + identifier)).ToString();

    private static string? Identifier()
    {
        if (OperatingSystem.IsWindows())
        {
            return Registry.GetValue(@"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography", "MachineGuid", null) as string;
        }

        foreach (string file in Files)
        {
            if (StateFile.TryRead(file, 8192) is { Length: > 0 } content && Encoding.UTF8.GetString(content).Trim() is { Length: > 0 } identifier)
            {
                return identifier;
            }
        }

        return null;
    }
}
