using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace Symantec.Virtualization.Examples.ServiceHosting;

/// <summary>A folder whose content is nobody else's business: only the service's own account and the machine's administrators read and write it.</summary>
public static class PrivateFolder
{
    /// <summary>Makes the folder. One that is there already keeps its rights.</summary>
    /// <exception cref="UnauthorizedAccessException">It is there, and belongs to somebody who must not say what the service finds in it.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            MakeOnWindows(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Below the folder for the data of all programs everybody may make folders: so could somebody who was there before the service.</summary>
    [SupportedOSPlatform("windows")]
    private static void MakeOnWindows(string path)
    {
        SecurityIdentifier[] trusted = [WindowsIdentity.GetCurrent().User!, new(WellKnownSidType.LocalSystemSid, null), new(WellKnownSidType.BuiltinAdministratorsSid, null)];
        DirectoryInfo folder = new(path);
        if (folder.Exists)
        {
            IdentityReference? owner = folder.GetAccessControl(AccessControlSections.Owner).GetOwner(typeof(SecurityIdentifier));
            if (!trusted.Contains(owner))
            {
                throw new UnauthorizedAccessException($"{path} belongs to {owner}, who could have written anything into it: remove it, or name another folder.");
            }

            return;
        }

        DirectorySecurity rights = new();
        rights.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        foreach (SecurityIdentifier who in trusted)
        {
            rights.AddAccessRule(new FileSystemAccessRule(
                who, FileSystemRights.FullControl, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None, AccessControlType.Allow));
        }

        folder.Create(rights);
    }
}
