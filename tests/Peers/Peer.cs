using System.Diagnostics;

namespace Symantec.Virtualization.Peers;

/// <summary>Programs of others that tests compare with, as Debian packages them.</summary>
/// <remarks>
/// A test whose peer is missing skips and names the package to install. Where <see cref="RequireVariable"/> is set, as CI sets it, it fails instead:
/// a comparison that silently stopped would look like one that passes.
/// </remarks>
public static class Peer
{
    /// <summary>The environment variable under which a missing peer is a failure.</summary>
    public const string RequireVariable = "REQUIRE_PEERS";

    private static readonly Dictionary<string, string> Packages = new()
    {
        ["7zz"] = "7zip",
        ["chromium"] = "chromium",
        ["clamd"] = "clamav-daemon",
        ["clamscan"] = "clamav",
        ["dpkg-deb"] = "dpkg",
        ["fincore"] = "util-linux-extra",
        ["gcab"] = "gcab",
        ["mcopy"] = "mtools",
        ["mkfs.btrfs"] = "btrfs-progs",
        ["mkfs.ext4"] = "e2fsprogs",
        ["mkfs.fat"] = "dosfstools",
        ["mkfs.xfs"] = "xfsprogs",
        ["mkntfs"] = "ntfs-3g",
        ["mount"] = "mount",
        ["ntfs-3g"] = "ntfs-3g",
        ["openssl"] = "openssl",
        ["pg_ctl"] = "postgresql",
        ["qemu-img"] = "qemu-utils",
        ["redis-cli"] = "redis-tools",
        ["redis-server"] = "redis-server",
        ["getfattr"] = "attr",
        ["initdb"] = "postgresql",
        ["lscpu"] = "util-linux",
        ["setfattr"] = "attr",
        ["setpriv"] = "util-linux",
        ["sfdisk"] = "fdisk",
        ["systemd-detect-virt"] = "systemd",
        ["time"] = "time",
        ["virt-what"] = "virt-what",
        ["wine"] = "wine wine64",
        ["xz"] = "xz-utils",
    };

    /// <summary>Skips the test, or fails it, unless the programs are installed.</summary>
    public static void Require(params string[] programs)
    {
        foreach (string program in programs)
        {
            if (Find(program) is null)
            {
                Miss($"needs {program}: install the package {Packages.GetValueOrDefault(program, program)}");
            }
        }
    }

    /// <summary>Gets the path of a folder that a package installs; skips the test, or fails it, unless it is there.</summary>
    public static string RequireFolder(string path, string package)
    {
        if (!Directory.Exists(path))
        {
            Miss($"needs {path}: install the package {package}");
        }

        return path;
    }

    /// <summary>Skips the test, or fails it, unless it may mount file systems.</summary>
    public static void RequireRoot()
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/fuse"))
        {
            Miss("needs root and /dev/fuse, to mount a file system");
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It ended with another exit code than 0.</exception>
    public static string Run(string program, params string[] arguments) => RunWithInput("", program, arguments);

    /// <summary>Runs a program that reads a text, to its end.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It ended with another exit code than 0.</exception>
    public static string RunWithInput(string input, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(Find(program) ?? program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.GetAwaiter().GetResult()}{output}");
    }

    private static void Miss(string reason)
    {
        if (Environment.GetEnvironmentVariable(RequireVariable) is { Length: > 0 } and not "0")
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
    }

    /// <summary>Finds a program; null if it is not installed.</summary>
    public static string? Find(string program)
    {
        // Programs that make file systems live where only root's PATH leads, those of a database server where none does.
        string path = Environment.GetEnvironmentVariable("PATH") + Path.PathSeparator + "/usr/sbin" + Path.PathSeparator + "/sbin";
        return path.Split(Path.PathSeparator).Concat(DatabaseFolders()).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    private static IEnumerable<string> DatabaseFolders()
    {
        const string Versions = "/usr/lib/postgresql";
        return Directory.Exists(Versions) ? Directory.EnumerateDirectories(Versions).Select(static version => Path.Combine(version, "bin")) : [];
    }
}
