namespace Symantec.Virtualization.Peers;

/// <summary>A real file system in an image file, mounted on a loop device as root.</summary>
public sealed class LoopVolume : IDisposable
{
    private readonly string _image;
    private readonly string? _options;
    private bool _isMounted;

    private LoopVolume(string kind, string image, string folder, string? options = null)
    {
        (Kind, _image, Path, _options) = (kind, image, folder, options);
        Mount();
    }

    /// <summary>The kinds that can be made: three of Linux's own, and NTFS by way of ntfs-3g.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["ext4", "xfs", "btrfs", "ntfs"];

    /// <summary>Gets the kind.</summary>
    public string Kind { get; }

    /// <summary>Gets where it is mounted.</summary>
    public string Path { get; }

    /// <summary>Gets the path of a file on it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a file system and mounts it; skips the test, or fails it, where that cannot be done.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="folder">Where its image and its mount point are made.</param>
    /// <param name="name">What they are called.</param>
    /// <param name="megabytes">Its size.</param>
    /// <param name="options">Options of ntfs-3g.</param>
    public static LoopVolume Make(string kind, TemporaryFolder folder, string name = "volume", int megabytes = 320, string? options = null)
    {
        Peer.RequireRoot();
        Peer.Require(kind == "ntfs" ? "mkntfs" : $"mkfs.{kind}");
        string image = folder[$"{name}.img"];
        using (FileStream file = File.Create(image))
        {
            file.SetLength(megabytes * 1024L * 1024);
        }

        _ = kind switch
        {
            "ntfs" => Peer.Run("mkntfs", "-q", "-F", image),
            "xfs" => Peer.Run("mkfs.xfs", "-q", image),
            "btrfs" => Peer.Run("mkfs.btrfs", "-q", image),
            _ => Peer.Run("mkfs.ext4", "-q", "-F", image),
        };
        return new LoopVolume(kind, image, Directory.CreateDirectory(folder[name]).FullName, options);
    }

    /// <summary>Unmounts the volume, copies its image block for block, and mounts the copy in another place.</summary>
    public LoopVolume Clone(TemporaryFolder folder, string name)
    {
        Unmount();
        string image = folder[$"{name}.img"];
        Peer.Run("cp", "--sparse=always", _image, image);
        return new LoopVolume(Kind, image, Directory.CreateDirectory(folder[name]).FullName);
    }

    /// <summary>Changes bytes of the image while it is not mounted, as somebody does who has the disk and not the system.</summary>
    /// <returns>How many places were changed.</returns>
    public int EditRaw(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        byte[] old = from.ToArray();
        byte[] replacement = to.ToArray();
        int count = 0;
        EditRaw(bytes =>
        {
            for (int at = 0, found; (found = bytes.AsSpan(at).IndexOf(old)) >= 0; at += found + old.Length)
            {
                replacement.CopyTo(bytes.AsSpan(at + found));
                count++;
            }
        });
        return count;
    }

    /// <summary>Changes the image while it is not mounted.</summary>
    public void EditRaw(Action<byte[]> edit)
    {
        Unmount();
        byte[] bytes = File.ReadAllBytes(_image);
        edit(bytes);
        File.WriteAllBytes(_image, bytes);
        Mount();
    }

    public void Mount()
    {
        if (!_isMounted)
        {
            if (Kind == "ntfs")
            {
                // The helper of mount(8) would look for a device that the kernel names only later.
                string device = Peer.Run("losetup", "--find", "--show", _image).Trim();
                try
                {
                    Peer.Run("ntfs-3g", [.. _options is null ? [] : new[] { "-o", _options }, device, Path]);
                }
                catch
                {
                    Peer.Run("losetup", "--detach", device);
                    throw;
                }
            }
            else
            {
                Peer.Run("mount", "-o", "loop", _image, Path);
            }

            _isMounted = true;
        }
    }

    public void Unmount()
    {
        if (_isMounted)
        {
            string device = Peer.Run("findmnt", "-n", "-o", "SOURCE", Path).Trim();
            Umount();
            if (Kind == "ntfs")
            {
                Peer.Run("losetup", "--detach", device);
            }

            _isMounted = false;
        }
    }

    public void Dispose() => Unmount();

    /// <summary>Whoever asks what is mounted looks at each volume for a moment, and keeps it from being unmounted just then: so do other tests.</summary>
    private void Umount()
    {
        for (int tries = 0; tries < 200; tries++)
        {
            if (ProgramRun.Of("umount", [Path]).ExitCode == 0)
            {
                return;
            }
        }

        Peer.Run("umount", Path);
    }
}
