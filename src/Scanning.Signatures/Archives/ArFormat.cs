using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>ar: libraries of object files, and Debian packages.</summary>
/// <remarks>Source: ar(5).</remarks>
internal static class ArFormat
{
    private const int MagicSize = 8;
    private const int HeaderSize = 60;

    public static void Open(MemberWalk walk)
    {
        byte[] header = new byte[HeaderSize];
        for (long at = MagicSize; at < walk.Container.Length - 1;)
        {
            walk.Read(at, header, "ArHeader");
            string size = Encoding.ASCII.GetString(header, 48, 10).Trim();
            if (header[58] != '`' || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long length))
            {
                throw new ArchiveFormatException($"ArHeader at 0x{at:X}: is none");
            }

            MemberInfo member = walk.Info(Encoding.UTF8.GetString(header, 0, 16).TrimEnd(' ', '/')) with { PackedLength = length, StatedLength = length };
            if (length > 0 && !walk.DeliverWindow(member, at + HeaderSize, length))
            {
                return;
            }

            at += HeaderSize + length + (length & 1);
        }
    }
}
