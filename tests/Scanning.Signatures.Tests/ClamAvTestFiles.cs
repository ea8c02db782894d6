using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

/// <summary>The files of the Debian package clamav-testfiles: one harmless program, in many containers.</summary>
internal static class ClamAvTestFiles
{
    private const string Folder = "/usr/share/clamav-testfiles";

    /// <summary>Gets the paths of all files; skips the test if the package is not installed.</summary>
    public static IReadOnlyList<string> All
    {
        get
        {
            Peer.RequireFolder(Folder, "clamav-testfiles");
            return Directory.GetFiles(Folder).Order(StringComparer.Ordinal).ToList();
        }
    }

    /// <summary>Gets the bytes of one file; skips the test if the package is not installed.</summary>
    public static byte[] Read(string name)
    {
        Peer.RequireFolder(Folder, "clamav-testfiles");
        return File.ReadAllBytes(Path.Combine(Folder, name));
    }
}
