using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>TNEF: what Outlook sends attachments in, as winmail.dat.</summary>
/// <remarks>Source: Microsoft, "Transport Neutral Encapsulation Format (TNEF) Data Algorithm" [MS-OXTNEF].</remarks>
internal static class TnefFormat
{
    private const int SignatureSize = 6;
    private const int HeaderSize = 9;
    private const int ChecksumSize = 2;
    private const int AttachmentData = 0x800F;
    private const int AttachmentTitle = 0x8010;

    public static void Open(MemberWalk walk)
    {
        byte[] header = new byte[HeaderSize];
        string name = "attachment";
        for (long at = SignatureSize; at + HeaderSize <= walk.Container.Length;)
        {
            walk.Read(at, header, "TnefAttribute");
            int id = new HeaderBytes(header).U16(1);
            long length = new HeaderBytes(header).U32(5);
            long data = at + HeaderSize;
            if (data + length > walk.Container.Length)
            {
                walk.Incomplete($"TnefAttribute.Length at 0x{at + 5:X}: {length:N0} bytes, {walk.Container.Length - data:N0} left");
            }

            if (id == AttachmentTitle)
            {
                byte[] title = new byte[Math.Min(length, 256)];
                walk.Read(data, title, "TnefTitle");
                name = Encoding.Latin1.GetString(title).TrimEnd('\0');
            }
            else if (id == AttachmentData && !walk.DeliverWindow(walk.Info(name) with { PackedLength = length, StatedLength = length }, data, length))
            {
                return;
            }

            at = data + length + ChecksumSize;
        }
    }
}
