namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Tells office documents from other ZIP archives by the folders of their first members.</summary>
internal static class ZipKinds
{
    private const int LocalHeaderSize = 30;

    /// <summary>ClamAV looks at so many members.</summary>
    private const int MaxMembers = 3;

    public static string Find(ReadOnlySpan<byte> head)
    {
        for (int member = 0; member < MaxMembers; member++)
        {
            int at = head.IndexOf("PK\x03\x04"u8);
            if (at < 0 || at + LocalHeaderSize >= head.Length)
            {
                break;
            }

            head = head[(at + LocalHeaderSize)..];
            string? kind = head.StartsWith("xl/"u8) ? "OOXML_XL"
                : head.StartsWith("ppt/"u8) ? "OOXML_PPT"
                : head.StartsWith("word/"u8) ? "OOXML_WORD"
                : head.StartsWith("Contents/content.hpf"u8) ? "OOXML_HWP"
                : null;
            if (kind is not null)
            {
                return kind;
            }
        }

        return "ZIP";
    }
}
