namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Tells mail whose first header is an unusual one by pairs of headers that follow each other.</summary>
internal static class MailMarks
{
    public static bool IsMail(ReadOnlySpan<byte> head)
        => HasPair(head, "\nfrom: "u8, "\nmime-version: "u8)
            || HasPair(head, "\nfrom: "u8, "\ncontent-type: "u8)
            || HasPair(head, "\nmime-version: "u8, "\ncontent-type: "u8)
            || HasPair(head, "\nmessage-id: "u8, "\ncontent-type: "u8)
            || HasPair(head, "\nreceived: "u8, "\ncontent-type: "u8)
            || HasPair(head, "delivered-to:"u8, "received:"u8);

    private static bool HasPair(ReadOnlySpan<byte> head, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int at = Find(head, first);
        return at >= 0 && Find(head[(at + first.Length)..], second) >= 0;
    }

    private static int Find(ReadOnlySpan<byte> head, ReadOnlySpan<byte> lower)
    {
        byte upper = lower[0] == '\n' ? lower[0] : (byte)(lower[0] & 0xDF);
        for (int at = 0; at < head.Length; at++)
        {
            int next = head[at..].IndexOfAny(lower[0], upper);
            if (next < 0 || (at += next) > head.Length - lower.Length)
            {
                return -1;
            }

            if (System.Text.Ascii.EqualsIgnoreCase(head.Slice(at, lower.Length), lower))
            {
                return at;
            }
        }

        return -1;
    }
}
