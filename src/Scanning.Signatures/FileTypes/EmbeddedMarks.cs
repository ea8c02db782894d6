namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Types that are told by marks anywhere in the first bytes: HTML, mail and documents with something in front of them.</summary>
internal static class EmbeddedMarks
{
    /// <summary>Looks for marks in bytes that are text or of no known type.</summary>
    /// <param name="head">The first bytes.</param>
    /// <param name="plain">The type's name, without its prefix, if there are no marks.</param>
    public static string Find(ReadOnlySpan<byte> head, string plain)
    {
        // Where marks of several types are found, ClamAV gives XML documents precedence over mail, mail over HTML, and HTML over the rest.
        return Xml(head)
            ?? (MailMarks.IsMail(head) ? "MAIL" : null)
            ?? (HtmlMarks.IsHtml(head) ? "HTML" : null)
            ?? (HtmlMarks.IsHtmlInWideText(head) ? "HTML_UTF16" : null)
            ?? (IsPdf(head) ? "PDF" : null)
            ?? (head.Length >= 12 && (head[8..].StartsWith("\x19\x04\x00\x10"u8) || head[12..].StartsWith("\x19\x04\x00\x10"u8)) ? "SIS" : null)
            ?? plain;
    }

    private static string? Xml(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> declaration = "<?xml version=\"1.0\""u8;
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            return head[3..].StartsWith(declaration) && head.IndexOf("<HWPML"u8) > 0 ? "XML_HWP" : null;
        }

        if (head.IndexOf("<xdp:xdp"u8) >= 0)
        {
            return "XDP";
        }

        return !head.StartsWith(declaration) ? null
            : head.IndexOf("<wordDocument"u8) > 0 || HasPrefixed(head, ":wordDocument"u8) || head.IndexOf("progid=\"Word.Document\"?>"u8) > 0 ? "XML_WORD"
            : head.IndexOf("<Workbook"u8) > 0 || HasPrefixed(head, ":Workbook"u8) ? "XML_XL"
            : null;
    }

    /// <summary>An element with a name space of one character.</summary>
    private static bool HasPrefixed(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        int at = head.IndexOf(name);
        return at >= 2 && head[at - 2] == '<';
    }

    private static bool IsPdf(ReadOnlySpan<byte> head)
    {
        for (int at; (at = head.IndexOf("-"u8)) >= 0; head = head[(at + 1)..])
        {
            if (at >= 4 && at + 3 < head.Length && head[at + 2] == '.' && (head[..at].EndsWith("%PDF"u8) || head[..at].EndsWith("%pdf"u8)))
            {
                return true;
            }
        }

        return false;
    }
}
