using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>A file system that is mounted.</summary>
/// <param name="Device">The number of the device.</param>
/// <param name="Point">Where it is mounted.</param>
/// <param name="Kind">Its kind, as <c>fuseblk</c>.</param>
/// <param name="Source">The disk, or whatever the kind has in its place.</param>
internal sealed record Mount(ulong Device, string Point, string Kind, string Source)
{
    /// <summary>Gets a value indicating whether it lies on a disk; only root mounts those.</summary>
    public bool IsOfDisk => Source.StartsWith("/dev/", StringComparison.Ordinal) && Kind != "fuse" && !Kind.StartsWith("fuse.", StringComparison.Ordinal);
}

/// <summary>What is mounted where.</summary>
/// <remarks>Source: proc_pid_mountinfo(5).</remarks>
internal static class MountTable
{
    /// <summary>Reads the serial number of an NTFS volume from its boot sector, which takes the right to read the device.</summary>
    public static string? NtfsSerialNumber(ulong device)
    {
        try
        {
            // A user's own FUSE program may give any name as its source.
            if (Read().FirstOrDefault(mount => mount.Device == device) is not { IsOfDisk: true, Kind: "fuseblk", Source: var source })
            {
                return null;
            }

            byte[] sector = new byte[512];
            using FileStream disk = new(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            disk.ReadExactly(sector);
            return sector.AsSpan(3, 8).SequenceEqual("NTFS    "u8)
                ? BinaryPrimitives.ReadUInt64LittleEndian(sector.AsSpan(0x48)).ToString("X16", CultureInfo.InvariantCulture)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static IEnumerable<Mount> Read()
    {
        // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
        foreach (string line in File.ReadLines("/proc/self/mountinfo"))
        {
            string[] fields = line.Split(' ');
            int separator = Array.IndexOf(fields, "-");
            if (separator < 5 || separator + 2 >= fields.Length || fields[2].Split(':') is not [string major, string minor])
            {
                continue;
            }

            if (uint.TryParse(major, CultureInfo.InvariantCulture, out uint high) && uint.TryParse(minor, CultureInfo.InvariantCulture, out uint low))
            {
                yield return new Mount(((ulong)high << 32) | low, Unescape(fields[4]), fields[separator + 1], Unescape(fields[separator + 2]));
            }
        }
    }

    /// <summary>Puts back the characters that the table writes as three octal digits.</summary>
    private static string Unescape(string text)
    {
        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                plain.Append((char)(((text[i + 1] - '0') * 64) + ((text[i + 2] - '0') * 8) + (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
