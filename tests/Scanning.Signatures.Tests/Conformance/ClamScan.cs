using System.Diagnostics;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Conformance;

/// <summary>ClamAV's own scanner, as the one that is right.</summary>
internal static class ClamScan
{
    private const string Found = " FOUND";
    private const string Unofficial = ".UNOFFICIAL";

    /// <summary>Scans a folder of files, and tells what it finds in each.</summary>
    /// <param name="databases">A folder of definitions.</param>
    /// <param name="files">The folder.</param>
    public static Dictionary<string, SortedSet<string>> AllMatches(string databases, string files)
    {
        Dictionary<string, SortedSet<string>> found = [];
        ProcessStartInfo start = new("clamscan", ["--allmatch", "--no-summary", "--infected", "--recursive", $"--database={databases}", files])
        {
            RedirectStandardOutput = true,
        };
        using Process scan = Process.Start(start) ?? throw new InvalidOperationException("clamscan did not start.");
        while (scan.StandardOutput.ReadLine() is { } line)
        {
            if (line.EndsWith(Found, StringComparison.Ordinal))
            {
                int colon = line.LastIndexOf(": ", StringComparison.Ordinal);
                string name = line[(colon + 2)..^Found.Length];
                name = name.EndsWith(Unofficial, StringComparison.Ordinal) ? name[..^Unofficial.Length] : name;
                string file = Path.GetFileName(line[..colon]);
                (found.TryGetValue(file, out SortedSet<string>? names) ? names : found[file] = new(StringComparer.Ordinal)).Add(name);
            }
        }

        scan.WaitForExit();
        Assert.InRange(scan.ExitCode, 0, 1);
        return found;
    }

    public static void Require() => Peer.Require("clamscan");
}
