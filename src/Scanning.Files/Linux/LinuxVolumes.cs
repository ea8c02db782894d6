using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>A volume.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="GuardsChangeTime">Whether its file system alone moves the time of change of its files.</param>
internal sealed record LinuxVolume(string Name, bool GuardsChangeTime);

/// <summary>Names of volumes that stay the same when a disk is copied block for block. Safe for concurrent use.</summary>
/// <remarks>
/// <para>ext4 and Btrfs fold their UUID (and the subvolume's number) into the identifier that <c>statfs</c> gives; others are asked for their UUID, and an NTFS volume that ntfs-3g mounts
/// for the serial number in its boot sector, which is the name that Windows and the reader of images know it by. Where nothing of that can be had, the name is the device's number,
/// which holds until the system is started anew.</para>
/// <para>Two devices that say they are the same volume, as a copy beside its original, are told apart by their numbers: neither is then the volume that was sealed.</para>
/// <para>Sources: statfs(2), ioctl_xfs_fsgeometry(2), the kernel's <c>include/uapi/linux/fs.h</c> (FS_IOC_GETFSUUID) and <c>magic.h</c>.</para>
/// </remarks>
internal sealed unsafe class LinuxVolumes
{
    private const ulong Ext4 = 0xef53;
    private const ulong Btrfs = 0x9123683e;
    private const ulong Fuse = 0x65735546;
    private const nuint GetUuid = 0x80111500;
    private const nuint GetXfsGeometry = 0x80705864;
    private const int IdentifierAt = 56;
    private const int XfsUuidAt = 64;

    /// <summary>
    /// The kernel's own file systems, whose time of change no user can set. A network's server, a user's own FUSE program and FAT, which keeps no such time, are not among them.
    /// </summary>
    private static readonly FrozenSet<ulong> Guarding = FrozenSet.Create<ulong>(
        Ext4,
        Btrfs,
        0x58465342, // XFS
        0x01021994, // tmpfs
        0xf2f52010, // F2FS
        0x2fc12fc1, // ZFS
        0xca451a4e, // bcachefs
        0x794c7630, // overlay
        0x7366746e, // ntfs3
        0x73717368, // squashfs
        0xe0f5e1e2); // EROFS

    private readonly ConcurrentDictionary<ulong, LinuxVolume> _volumes = [];

    /// <summary>Forgets what is known: a number may be another volume's by now.</summary>
    public void Forget() => _volumes.Clear();

    /// <summary>Gets the name of the volume that a folder lies on.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public string NameOf(string folder)
    {
        byte[] path = LinuxListing.ToBytes(folder);
        fixed (byte* p = path)
        {
            int descriptor = LinuxCalls.OpenFolder(p);
            using SafeFileHandle handle = descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw LinuxErrors.Last(folder);
            Statx status = LinuxListing.StatusOf(descriptor);
            LookAt(status, handle);
            return Of(status.Device).Name;
        }
    }

    /// <summary>Gets a volume that was looked at before; of another nothing is known but its number.</summary>
    public LinuxVolume Of(ulong device) => _volumes.TryGetValue(device, out LinuxVolume? volume) ? volume : new LinuxVolume(ByNumber(device), GuardsChangeTime: false);

    /// <summary>Looks at the volume of an open file, unless that was done before.</summary>
    public void LookAt(in Statx status, SafeFileHandle handle)
    {
        ulong device = status.Device;
        if (_volumes.ContainsKey(device))
        {
            return;
        }

        using Descriptor descriptor = new(handle);
        LinuxVolume? found = Find(descriptor.Value, device);
        if (found is not null && HasTwin(device, found.Name))
        {
            found = found with { Name = ByNumber(device) };
        }

        _volumes.TryAdd(device, found ?? new LinuxVolume(ByNumber(device), GuardsChangeTime: false));
    }

    /// <summary>Gets the number of an open file's kind of file system.</summary>
    public static ulong KindOf(int file)
    {
        Span<byte> status = stackalloc byte[256];
        fixed (byte* s = status)
        {
            return LinuxCalls.StatFs(file, s) == 0 ? BinaryPrimitives.ReadUInt64LittleEndian(status) & uint.MaxValue : 0;
        }
    }

    /// <summary>Tells whether another disk that is mounted answers with the same name.</summary>
    private static bool HasTwin(ulong device, string name)
        => MountTable.Read().Where(static mount => mount.IsOfDisk).Any(mount => Ask(mount.Point) is { } other && other.Device != device && other.Name == name);

    private static (ulong Device, string? Name)? Ask(string mountPoint)
    {
        byte[] path = LinuxListing.ToBytes(mountPoint);
        fixed (byte* p = path)
        {
            int descriptor = LinuxCalls.OpenFolder(p);
            if (descriptor < 0)
            {
                return null;
            }

            try
            {
                ulong device = LinuxListing.StatusOf(descriptor).Device;
                return (device, Find(descriptor, device)?.Name);
            }
            catch (IOException)
            {
                return null;
            }
            finally
            {
                _ = LinuxCalls.Close(descriptor);
            }
        }
    }

    private static LinuxVolume? Find(int file, ulong device)
    {
        Span<byte> status = stackalloc byte[256];
        fixed (byte* s = status)
        {
            if (LinuxCalls.StatFs(file, s) != 0)
            {
                return null;
            }
        }

        ulong kind = BinaryPrimitives.ReadUInt64LittleEndian(status) & uint.MaxValue;
        ulong id = BinaryPrimitives.ReadUInt64LittleEndian(status[IdentifierAt..]);
        string? ntfs = kind == Fuse ? MountTable.NtfsSerialNumber(device) : null;
        string? name = kind is Ext4 or Btrfs && id != 0 ? $"{(kind == Ext4 ? "ext4" : "btrfs")}:{id:x16}" : ntfs ?? Uuid(file);
        return new LinuxVolume(name ?? ByNumber(device), ntfs is not null || Guarding.Contains(kind));
    }

    private static string? Uuid(int file)
    {
        // struct fsuuid2 { u8 len; u8 uuid[16]; }; kernels before 6.9 do not know it, and XFS then tells in its geometry.
        Span<byte> answer = stackalloc byte[128];
        fixed (byte* a = answer)
        {
            if (LinuxCalls.Control(file, GetUuid, a) == 0 && answer[0] == 16)
            {
                return $"uuid:{Convert.ToHexStringLower(answer[1..17])}";
            }

            return LinuxCalls.Control(file, GetXfsGeometry, a) == 0 ? $"uuid:{Convert.ToHexStringLower(answer.Slice(XfsUuidAt, 16))}" : null;
        }
    }

    private static string ByNumber(ulong device) => string.Create(CultureInfo.InvariantCulture, $"device:{device >> 32}:{device & uint.MaxValue}");
}
