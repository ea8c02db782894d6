using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Types that bytes at a fixed place tell.</summary>
internal static class MagicNumbers
{
    private static readonly string[] MailStarts =
    [
        "Date: ", "Delivered-To: ", "Delivery-date: ", "Envelope-to: ", "For: ", "From ", "From: ", ">From ", "Hi. This is the qmail-send", "Message-ID: ",
        "Message-Id: ", "Received: ", "Received-SPF: ", "Return-Path: ", "Return-path: ", "Subject: ", "To: ", "v:\nReceived: ", "v:\r\nReceived: ",
        "X-Apparently-To: ", "X-EVS", "X-Envelope-From: ", "X-Original-To: ", "X-Real-To: ", "X-Sieve: ", "X-Symantec-", "X-UIDL: ",
    ];

    /// <summary>Where several rows fit, the first holds: a row stands in front of those that are surer to be hit by chance.</summary>
    private static readonly Magic[] Table =
    [
        new("INTERNAL", "{\n  \"Magic\":\"CLAMJSONv0\""),
        new("LNK", "L\0\0\0\u0001\u0014\u0002\0\0\0\0\0\u00C0\0\0\0\0\0\0F"),
        new("ONENOTE", "\u00E4R\\{\u008C\u00D8\u00A7M\u00AE\u00B1Sx\u00D0)\u0096\u00D3"),
        new("HWP3", "HWP Document File V3.00 \u001A\u0001\u0002\u0003\u0004\u0005"),
        new("BINHEX", "(This file must be converted with BinHex 4.0)"),
        new("MSOLE2", "\u00D0\u00CF\u0011\u00E0\u00A1\u00B1\u001A\u00E1"),
        new("HWPOLE2", "\u00D0\u00CF\u0011\u00E0\u00A1\u00B1\u001A\u00E1", At: 4),
        new("GPT", "EFI PART", At: 512),
        new("XZ", "\u00FD7zXZ\0"),
        new("7Z", "7z\u00BC\u00AF'\u001C"),
        new("MSCAB", "MSCF\0\0\0\0"),
        new("XAR", "xar!"),
        new("PDF", "%PDF-"),
        new("PS", "%!PS-Adobe-"),
        new("RTF", "{\\rt"),
        new("POSIX_TAR", "[aliases]"),
        new("IGNORED", "SQLite format 3\0"),
        new("IGNORED", "7\u007F\u0006\u0082\0-\u00E2\u0018"),
        new("IGNORED", "7\u007F\u0006\u0083\0-\u00E2\u0018"),
        new("IGNORED", "\u00D9\u00D5\u0005\u00F9 \u00A1c\u00D7"),
        new("IGNORED", "SIP-HIT (SIP/H"),
        new("IGNORED", "SYMC\u0001\0"),
        new("CPIO_NEWC", "070701"),
        new("CPIO_CRC", "070702"),
        new("CPIO_ODC", "070707"),
        new("ALZ", "ALZ\u0001"),
        new("EGG", "EGGA"),
        new("SWF", "FWS"),
        new("SWF", "CWS"),
        new("SWF", "ZWS"),
        new("MACHO", "\u00CE\u00FA\u00ED\u00FE"),
        new("MACHO", "\u00CF\u00FA\u00ED\u00FE"),
        new("MACHO", "\u00FE\u00ED\u00FA\u00CE"),
        new("MACHO", "\u00FE\u00ED\u00FA\u00CF"),
        new("TIFF", "II*\0"),
        new("PNG", "\u0089PNG"),
        new("JPEG", "\u00FF\u00D8\u00FF"),
        new("GIF", "GIF"),
        new("TIFF", "MM"),
        new("POSIX_TAR", "ustar", At: 257),
        new("GRAPHICS", "\0\0\0\u000CjP  \r\n\u0087\n"),
        new("CRYPTFF", "\u00B6\u00B9\u00AC\u00AE\u00FE\u00FF\u00FF\u00FF"),
        new("ELF", "\u007FELF"),
        new("ZIP", "PK\u0003\u0004"),
        new("ZIP", "PK00PK\u0003\u0004"),
        new("RAR", "Rar!"),
        new("MSSZDD", "SZDD"),
        new("MSCHM", "ITSF"),
        new("RIFF", "RIFF"),
        new("RIFF", "RIFX"),
        new("TNEF", "x\u009F>\""),
        new("SCRENC", "#@~^"),
        new("UUENCODED", "begin "),
        new("IGNORED", ".RMF"),
        new("IGNORED", "OggS"),
        new("IGNORED", "ID3"),
        new("IGNORED", "\u00FF\u00FB\u0090"),
        new("BINARY_DATA", "\0\0\u0001\u00B3"),
        new("BINARY_DATA", "\0\0\u0001\u00BA"),
        new("BZ", "BZh"),
        new("GZ", "\u001F\u008B"),
        new("ARJ", "\u0060\u00EA"),
        new("CPIO_OLD", "\u0071\u00C7"),
        new("CPIO_OLD", "\u00C7\u0071"),
        new("MSEXE", "MZ"),
        new("GRAPHICS", "BM"),
        .. MailStarts.Select(static start => new Magic("MAIL", start)),
    ];

    /// <summary>Finds the type's name without its prefix; <see langword="null"/> if no row fits.</summary>
    public static string? Find(ReadOnlySpan<byte> head)
    {
        foreach (Magic magic in Table)
        {
            if (magic.Fits(head))
            {
                return magic.Name;
            }
        }

        return IsPython(head) ? "PYTHON_COMPILED" : LhaMethod(head) ? "LHA_LZH" : UniversalOrJava(head);
    }

    /// <summary>Python 1.3 and later end the magic number of byte code with CR LF, so that a transfer as text breaks it.</summary>
    private static bool IsPython(ReadOnlySpan<byte> head)
        => head.Length > 16 && head[2] == '\r' && head[3] == '\n'
            && head[1] is 0x0B or 0x0C or 0x0D or 0xF2 or 0xF3 or 0xEB or 0xED or 0xEE or 0xC4 or 0xC6 or 0x4E;

    private static bool LhaMethod(ReadOnlySpan<byte> head)
        => head.Length >= 7 && head[2] == '-' && head[6] == '-' && (head[3..6].SequenceEqual("pm0"u8)
            || (head[3] == 'l' && ((head[4] == 'h' && "01234567dx"u8.Contains(head[5])) || (head[4] == 'z' && "s45"u8.Contains(head[5])))));

    /// <summary>Universal Mach-O files and Java classes share a magic number: then comes a count of programs, or a version from 45 on.</summary>
    private static string? UniversalOrJava(ReadOnlySpan<byte> head)
        => head.Length >= 8 && head.StartsWith((ReadOnlySpan<byte>)[0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0])
            ? head[7] switch { < 0x20 => "MACHO_UNIBIN", < 0x40 => "JAVA", _ => null }
            : null;

    private sealed record Magic(string Name, string Text, int At = 0)
    {
        private readonly byte[] _bytes = Encoding.Latin1.GetBytes(Text);

        public bool Fits(ReadOnlySpan<byte> head) => head.Length >= At + _bytes.Length && head[At..].StartsWith(_bytes);
    }
}
