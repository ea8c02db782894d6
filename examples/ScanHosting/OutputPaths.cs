using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>Checks where reports are to be written, before anything is: a slip of the hand must not cost a disk.</summary>
public static class OutputPaths
{
    /// <summary>Links that lead to links that lead back.</summary>
    private const int MaxLinks = 40;

    private static readonly string[] SystemFolders = ["/dev/", "/proc/", "/sys/"];

    private static readonly StringComparer Comparer = OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    /// <summary>Checks the reports and the log of a run.</summary>
    /// <param name="inputs">What the run reads, and what that is.</param>
    /// <param name="reports">Where reports are to be written.</param>
    /// <param name="log">Where a log is to be added to, if anywhere.</param>
    /// <exception cref="IOException">One of them would replace something that is no report.</exception>
    public static void Check(IEnumerable<(string Path, string What)> inputs, IEnumerable<string> reports, string? log)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(reports);
        Dictionary<string, string> taken = new(Comparer);
        foreach ((string input, string what) in inputs)
        {
            taken[Resolve(input)] = what;
        }

        foreach (string report in reports)
        {
            Take("--report", report, taken);
            Require(report, LooksLikeReport(report, report), "--report", "is there and is no report");
            Take("--report", report + ".partial", taken);
            Require(report, LooksLikeReport(report + ".partial", report), "--report", $"needs {Path.GetFileName(report)}.partial, which is there and is no report");
        }

        if (log is not null)
        {
            Take("--log", log, taken);
            Require(log, LooksLikeLog(log), "--log", "is there and is no log");
        }
    }

    /// <summary>Checks a file of another kind that a run writes anew.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">The file.</param>
    /// <param name="beginning">What such a file begins with.</param>
    /// <param name="what">What it is called.</param>
    /// <exception cref="IOException">It is there, and something else.</exception>
    public static void CheckKind(string option, string path, ReadOnlySpan<byte> beginning, string what)
    {
        byte[] there = Beginning(path);
        Require(path, there.Length == 0 || there.AsSpan().StartsWith(beginning), option, $"is there and is no {what}");
    }

    private static void Take(string option, string path, Dictionary<string, string> taken)
    {
        string resolved = Resolve(path);
        Require(path, !taken.TryGetValue(resolved, out string? use), option, $"is {use}");
        Require(path, !Array.Exists(SystemFolders, folder => resolved.StartsWith(folder, StringComparison.Ordinal)), option, "is no regular file");
        if (File.Exists(path))
        {
            // For reading and writing: opening a pipe for one of them waits for somebody who has the other end.
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            Require(path, file.CanSeek, option, "is no regular file");
        }

        taken[resolved] = "written to already";
    }

    /// <summary>Parts of an image are known only when it is scanned; what they hold tells them from a report at once, as it does for another name of an image.</summary>
    private static bool LooksLikeReport(string path, string report)
    {
        byte[] beginning = Beginning(path);
        return beginning is [] or [(byte)'{', ..] || (report.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) && beginning.AsSpan().StartsWith("entry,"u8));
    }

    private static bool LooksLikeLog(string path)
    {
        ReadOnlySpan<byte> beginning = Beginning(path);
        return !beginning.Contains((byte)0) && !beginning.StartsWith("# Disk DescriptorFile"u8);
    }

    private static byte[] Beginning(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using FileStream file = File.OpenRead(path);
        byte[] bytes = new byte[(int)Math.Min(4096, file.Length)];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    /// <summary>Finds where a path leads through all links of its folders and its own.</summary>
    public static string Resolve(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string resolved = Path.GetFullPath(path);
        for (int links = 0; links < MaxLinks; links++)
        {
            string next = ResolveOne(resolved);
            if (next == resolved)
            {
                return resolved;
            }

            resolved = next;
        }

        throw new IOException($"{PrintableText.Escape(path)} leads through more than {MaxLinks} links.");
    }

    /// <summary>Follows the first link of a path.</summary>
    private static string ResolveOne(string path)
    {
        string root = Path.GetPathRoot(path)!;
        string at = root;
        string[] parts = path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < parts.Length; i++)
        {
            string folder = at;
            at = Path.Combine(at, parts[i]);
            if (new FileInfo(at).LinkTarget is { } target)
            {
                return Path.GetFullPath(Path.Combine([target, .. parts[(i + 1)..]]), folder);
            }
        }

        return path;
    }

    private static void Require(string path, bool holds, string option, string what)
    {
        if (!holds)
        {
            throw new IOException($"{option} {PrintableText.Escape(path)} {what}; nothing was written.");
        }
    }
}
