using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>An ext4 file system of its own, so that no test watches or guards the machine's. Skips the test where it cannot be mounted.</summary>
internal sealed class LoopMount : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _mounts = [];

    public LoopMount()
    {
        Peer.RequireRoot();
        Peer.Require("mkfs.ext4", "mount", "setfattr");
        using (FileStream image = File.Create(_folder["image"]))
        {
            image.SetLength(32 << 20);
        }

        Peer.Run("mkfs.ext4", "-q", "-F", "-I", "256", _folder["image"]);
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

    public void Dispose()
    {
        foreach (string mount in Enumerable.Reverse(_mounts))
        {
            Peer.Run("umount", "-l", mount);
        }

        _folder.Dispose();
    }

    private string Mount(string name, params string[] arguments)
    {
        string path = _folder[name];
        Directory.CreateDirectory(path);
        Peer.Run("mount", [.. arguments, path]);
        _mounts.Add(path);
        return path;
    }
}
