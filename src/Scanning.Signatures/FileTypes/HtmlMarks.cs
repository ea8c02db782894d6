namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Tells HTML by the start of any element that a page has, in lower case, upper case or capitalised.</summary>
internal static class HtmlMarks
{
    private static readonly byte[][] Starts =
    [
        .. new[]
        {
            "<html>", "<HTML>", "<Html>", "<head>", "<HEAD>", "<Head>", "<script", "<SCRIPT", "<Script", "<object", "<OBJECT", "<Object",
            "<img", "<IMG", "<Img", "<iframe", "<IFRAME", "<table", "<TABLE",
        }.Select(System.Text.Encoding.ASCII.GetBytes),
    ];

    public static bool IsHtml(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("<% LANGUAGE ="u8))
        {
            return true;
        }

        for (int at; (at = head.IndexOf((byte)'<')) >= 0; head = head[(at + 1)..])
        {
            ReadOnlySpan<byte> element = head[at..];
            foreach (byte[] start in Starts)
            {
                if (element.StartsWith(start))
                {
                    return true;
                }
            }

            if ((element.StartsWith("<a "u8) || element.StartsWith("<A "u8)) && HasReference(element))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The same in UTF-16 of either byte order.</summary>
    public static bool IsHtmlInWideText(ReadOnlySpan<byte> head)
    {
        Span<byte> narrow = stackalloc byte[FileTypes.HeadSize / 2];
        bool big = head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) || (head.Length > 1 && head[0] == 0 && head[1] != 0);
        int count = 0;
        for (int i = 0; i + 1 < head.Length && count < narrow.Length; i += 2)
        {
            // What is no 8-bit character cannot be part of a mark.
            narrow[count++] = head[big ? i : i + 1] == 0 ? head[big ? i + 1 : i] : (byte)0;
        }

        return IsHtml(narrow[..count]);
    }

    private static bool HasReference(ReadOnlySpan<byte> element)
    {
        for (int at; (at = element.IndexOfAny("hH"u8)) >= 0; element = element[(at + 1)..])
        {
            ReadOnlySpan<byte> word = element[at..];
            if (word.Length >= 4 && word[1] is (byte)'r' or (byte)'R' && (word[2..].StartsWith("ef"u8) || word[2..].StartsWith("EF"u8)))
            {
                return true;
            }
        }

        return false;
    }
}
