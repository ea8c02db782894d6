using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>ZIP: a directory at the end, and a header in front of each member.</summary>
/// <remarks>
/// Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification". Programs differ in whether they believe the directory or the headers, and malware
/// hides behind the difference: members that only one of the two names are opened as well.
/// </remarks>
internal static class ZipFormat
{
    public static void Open(MemberWalk walk)
    {
        List<(long Start, long End)> covered = [];
        try
        {
            foreach (ZipEntry entry in ZipDirectory.Read(walk, covered))
            {
                if (!Deliver(walk, entry, covered))
                {
                    return;
                }
            }
        }
        catch (ArchiveFormatException e)
        {
            walk.Incomplete(e.Message);
        }

        ZipStrays.Open(walk, [.. covered], offset =>
        {
            if (ZipEntry.FromLocalHeader(walk, offset) is not { } entry)
            {
                return offset;
            }

            covered.Clear();
            return !Deliver(walk, entry, covered) ? null : covered.Count > 0 ? covered[0].End : offset;
        });
    }

    private static bool Deliver(MemberWalk walk, ZipEntry entry, List<(long Start, long End)> covered)
    {
        long? packed = entry.PackedLength;
        if (entry.Name.EndsWith('/') && packed is 0 or null)
        {
            return true;
        }

        MemberInfo member = walk.Info(entry.Name) with
        {
            IsEncrypted = entry.IsEncrypted,
            PackedLength = packed,
            StatedLength = entry.Length,
            Crc32 = entry.Crc32,
        };
        if (entry.DataOffset is not { } data)
        {
            return walk.Skip(member, $"no local header at 0x{entry.HeaderOffset:X}");
        }

        covered.Add((entry.HeaderOffset, packed is { } size && size <= long.MaxValue - data ? data + size : data));
        if (entry.IsEncrypted)
        {
            return walk.Skip(member, "encrypted");
        }

        if (entry.Method == ZipMethods.Stored)
        {
            return walk.DeliverWindow(member, data, packed ?? 0);
        }

        long left = walk.Container.Length - data;
        if (packed > left)
        {
            walk.Incomplete(member, $"cut off: {packed:N0} bytes at 0x{data:X}, {left:N0} left");
        }

        return walk.Deliver(member, () => ZipMethods.Open(walk, entry, walk.Stream(data, packed ?? left)));
    }

    /// <summary>Names are in UTF-8 if a flag says so, and otherwise in some character set of the maker's.</summary>
    public static string Name(ReadOnlySpan<byte> bytes, bool isUtf8) => (isUtf8 ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes);
}
