using Symantec.Virtualization.Integration.RealDisks;
using Symantec.Virtualization.Peers;

[assembly: AssemblyFixture(typeof(RealDisk))]

namespace Symantec.Virtualization.Integration.RealDisks;

/// <summary>A disk that real tools made, with two thousand files, and what second readers say of it. Made once for all tests, when the first asks.</summary>
/// <remarks>
/// <para>mkntfs and ntfs-3g, or mkfs.fat and mtools, make the volumes; sfdisk the table, with logical partitions; qemu-img the containers. NTFS is
/// read back through a mount of ntfs-3g, FAT by 7-Zip.</para>
/// </remarks>
public sealed class RealDisk : IDisposable
{
    private static readonly string[] Programs = ["mkntfs", "ntfs-3g", "setfattr", "getfattr", "mkfs.fat", "mcopy", "7zz", "sfdisk", "qemu-img"];

    private static readonly Partition[] Layout =
    [
        new(1, Start: 1, Size: 600, Type: "7"), new(2, Start: 601, Size: 200, Type: "c"), new(5, Start: 802, Size: 30, Type: "6"), new(6, Start: 833, Size: 40, Type: "7"),
    ];

    private readonly Lazy<Dictionary<string, (long Size, string Sha256)>> _made;
    private readonly Dictionary<string, string> _images = [];
    private TemporaryFolder? _folder;

    public RealDisk() => _made = new Lazy<Dictionary<string, (long Size, string Sha256)>>(Make);

    /// <summary>A partition of the disk.</summary>
    /// <param name="Number">Its number; logical ones from 5.</param>
    /// <param name="Start">Where it begins, in MiB.</param>
    /// <param name="Size">Its size in MiB.</param>
    /// <param name="Type">The type that the table states.</param>
    private sealed record Partition(int Number, int Start, int Size, string Type);

    /// <summary>Gets what is on the disk: <c>p1/path</c> or <c>p1/path:stream</c>, with size and hash.</summary>
    public IReadOnlyDictionary<string, (long Size, string Sha256)> Contents => _made.Value;

    private TemporaryFolder Folder => _folder ??= new TemporaryFolder();

    /// <summary>Skips the test, or fails it, unless everything is there that makes the disk.</summary>
    public static void Require()
    {
        Peer.Require(Programs);
        Peer.RequireRoot();
    }

    /// <summary>Gets the disk in a container: <c>raw</c>, or a subformat of VMDK.</summary>
    public string Image(string format)
    {
        _ = _made.Value;
        lock (_images)
        {
            if (!_images.TryGetValue(format, out string? path))
            {
                path = Folder[$"{format}.vmdk"];
                Peer.Run("qemu-img", "convert", "-O", "vmdk", "-o", $"subformat={format}", Folder["disk.raw"], path);
                _images.Add(format, path);
            }

            return path;
        }
    }

    public void Dispose() => _folder?.Dispose();

    private Dictionary<string, (long Size, string Sha256)> Make()
    {
        Dictionary<string, (long Size, string Sha256)> contents = [];
        Peer.Run("truncate", "-s", "874M", Folder["disk.raw"]);
        _images["raw"] = Folder["disk.raw"];
        string table = string.Join('\n', [
            "label: dos",
            "3: start=801MiB, type=5",
            .. Layout.Select(static partition => $"{partition.Number}: start={partition.Start}MiB, size={partition.Size}MiB, type={partition.Type}")]);
        Peer.RunWithInput(table, "sfdisk", "-q", Folder["disk.raw"]);
        AddNtfs(contents, Layout[0], files: 2000, largest: 64 << 20, clusterSize: 4096);
        AddFat(contents, Layout[1], bits: "32", files: 500, largest: 64 << 20);
        AddFat(contents, Layout[2], bits: "16", files: 60, largest: 1 << 20);
        AddNtfs(contents, Layout[3], files: 60, largest: 2 << 20, clusterSize: 512);
        return contents;
    }

    private void AddNtfs(
        Dictionary<string, (long Size, string Sha256)> contents, Partition partition, int files, int largest, int clusterSize)
    {
        string volume = Folder[$"p{partition.Number}"];
        string mount = Folder["mount"];
        string attributes = Folder["attributes"];
        Directory.CreateDirectory(mount);
        Directory.CreateDirectory(attributes);
        Peer.Run("truncate", "-s", $"{partition.Size}M", volume);
        Peer.Run("mkntfs", "-F", "-Q", "-c", $"{clusterSize}", "-L", $"Volume {partition.Number}", volume);
        Mounted(["-o", "compression,streams_interface=windows", volume, mount], mount, () =>
        {
            VolumeContent content = new(mount, seed: partition.Number);
            content.WriteMany(files, largest);
            content.WriteForNtfs();
        });

        // Two mounts for reading: ntfs-3g shows streams either as attributes, which can be listed, or behind colons, which can be opened.
        Mounted(["-o", "ro,streams_interface=xattr", volume, attributes], attributes, () => Mounted(["-o", "ro,streams_interface=windows", volume, mount], mount, () =>
        {
            Dictionary<string, (long Size, string Sha256)> manifest = Manifest.OfFolder(mount);
            Manifest.AddStreams(manifest, attributes, mount);
            Put(contents, partition, manifest);
        }));
        Place(volume, partition);
    }

    private void AddFat(
        Dictionary<string, (long Size, string Sha256)> contents, Partition partition, string bits, int files, int largest)
    {
        string volume = Folder[$"p{partition.Number}"];
        Peer.Run("truncate", "-s", $"{partition.Size}M", volume);
        Peer.Run("mkfs.fat", "-F", bits, "-n", $"VOLUME{partition.Number}", volume);
        using TemporaryFolder source = new();
        new VolumeContent(source.Path, seed: partition.Number).WriteMany(files, largest);
        Peer.Run("mcopy", ["-s", "-m", "-i", volume, .. Directory.GetFileSystemEntries(source.Path), "::/"]);
        using TemporaryFolder read = new();
        Peer.Run("7zz", "x", "-y", $"-o{read.Path}", volume);
        Put(contents, partition, Manifest.OfFolder(read.Path));
        Place(volume, partition);
    }

    private static void Mounted(string[] arguments, string folder, Action use)
    {
        Peer.Run("ntfs-3g", arguments);
        try
        {
            use();
        }
        finally
        {
            Peer.Run("umount", folder);
        }
    }

    private static void Put(
        Dictionary<string, (long Size, string Sha256)> contents, Partition partition, Dictionary<string, (long Size, string Sha256)> manifest)
    {
        foreach ((string path, (long Size, string Sha256) content) in manifest)
        {
            contents.Add($"p{partition.Number}/{path}", content);
        }
    }

    private void Place(string volume, Partition partition)
    {
        Peer.Run("dd", $"if={volume}", $"of={Folder["disk.raw"]}", "bs=1M", $"seek={partition.Start}", "conv=notrunc,sparse", "status=none");
        File.Delete(volume);
    }
}
