using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>A file system of the test's own, ext4 unless named, so that no test watches or guards the machine's. Skips the test where it cannot be mounted.</summary>
internal sealed class LoopMount : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _mounts = [];

    public LoopMount(string fileSystem = "ext4")
    {
        Peer.RequireRoot();
        Peer.Require("mount", "setfattr");
        if (fileSystem == "tmpfs")
        {
            Path = Mount("mount", "-t", "tmpfs", "none");
            return;
        }

        Peer.Require($"mkfs.{fileSystem}");
        using (FileStream image = File.Create(_folder["image"]))
        {
            // XFS and Btrfs make no smaller ones.
            image.SetLength(fileSystem == "ext4" ? 32 << 20 : 400 << 20);
        }

        Peer.Run($"mkfs.{fileSystem}", "-q", fileSystem == "ext4" ? "-F" : "-f", _folder["image"]);
        Path = Mount("mount", "-o", "loop", _folder["image"]);
    }

    /// <summary>Gets where it is mounted.</summary>
    public string Path { get; }

    /// <summary>Gets the path of a file in it.</summary>
    public string this[string name] => System.IO.Path.Join(Path, name);

    /// <summary>Mounts a folder of it a second time.</summary>
    public string Bind(string name) => Mount("bind", "--bind", this[name]);

    /// <summary>Runs a command in it, and kills that if it does not end.</summary>
    public ProgramRun Shell(string command) => ProgramRun.Of("timeout", ["-s", "KILL", "60", "sh", "-c", $"cd '{Path}' && {command}"], ("LC_ALL", "C.UTF-8"));

    /// <summary>Unmounts it before the end of the test, which fails while something holds it.</summary>
    public void Unmount()
    {
        Peer.Run("umount", Path);
        _mounts.Remove(Path);
    }

    public void Dispose()
    {
        foreach (string mount in Enumerable.Reverse(_mounts))
        {
            Peer.Run("umount", "-l", mount);
        }

        _folder.Dispose();
    }

    /// <summary>Mounts something, until the end of the test.</summary>
    public string Mount(string name, params string[] arguments)
    {
        string path = _folder[name];
        Directory.CreateDirectory(path);
        Peer.Run("mount", [.. arguments, path]);
        _mounts.Add(path);
        return path;
    }
}
