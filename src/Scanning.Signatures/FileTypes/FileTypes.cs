using System.Collections.Frozen;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The types of content that signatures can tell apart, and how one is told by the first bytes.</summary>
/// <remarks>
/// Names, magic bytes and targets are facts of ClamAV 1.4 (filetypes.c and matcher.h), whose behaviour the tests compare with. A type decides which
/// signatures and which parsers look at a content, never whether it is scanned.
/// </remarks>
internal static class FileTypes
{
    /// <summary>So many bytes decide; more are not looked at.</summary>
    public const int HeadSize = 1024;

    private static readonly FrozenDictionary<string, FileType> ByName = FrozenDictionary.ToFrozenDictionary(
        [
            new FileType("CL_TYPE_ANY", ContentTarget.Any),
            .. Of(ContentTarget.Pe, "MSEXE"),
            .. Of(ContentTarget.Ole2, "MSOLE2"),
            .. Of(ContentTarget.Html, "HTML", "HTML_UTF16"),
            .. Of(ContentTarget.Mail, "MAIL"),
            .. Of(ContentTarget.Graphics, "GRAPHICS", "GIF", "PNG", "JPEG", "TIFF"),
            .. Of(ContentTarget.Elf, "ELF"),
            .. Of(ContentTarget.Text, "TEXT_ASCII", "TEXT_UTF8", "TEXT_UTF16LE", "TEXT_UTF16BE", "SCRIPT"),
            .. Of(ContentTarget.MachO, "MACHO", "MACHO_UNIBIN"),
            .. Of(ContentTarget.Pdf, "PDF"),
            .. Of(ContentTarget.Flash, "SWF"),
            .. Of(ContentTarget.Java, "JAVA"),
            .. Of(ContentTarget.Internal, "INTERNAL"),
            .. Of(ContentTarget.Other, "BINARY_DATA", "OTHER"),
            .. Of(
                ContentTarget.Any,
                "7Z", "7ZSFX", "ALZ", "APM", "ARJ", "ARJSFX", "AUTOIT", "BINHEX", "BZ", "CABSFX", "CPIO_CRC", "CPIO_NEWC", "CPIO_ODC", "CPIO_OLD", "CRYPTFF",
                "DMG", "EGG", "EGGSFX", "GPT", "GZ", "HWP3", "HWP5", "HWPOLE2", "IGNORED", "ISHIELD_MSI", "ISO9660", "LHA_LZH", "LNK", "MBR", "MHTML", "MSCAB",
                "MSCHM", "MSPPT", "MSSZDD", "MSWORD", "MSXL", "NULSFT", "OLD_TAR", "ONENOTE", "OOXML_HWP", "OOXML_PPT", "OOXML_WORD", "OOXML_XL", "PART_ANY",
                "PART_HFSPLUS", "POSIX_TAR", "PS", "PYTHON_COMPILED", "RAR", "RARSFX", "RIFF", "RTF", "SCRENC", "SFX", "SIS", "TNEF", "UDF", "UUENCODED", "XAR",
                "XDP", "XML_HWP", "XML_WORD", "XML_XL", "XZ", "ZIP", "ZIPSFX"),
        ],
        static type => type.Name);

    /// <summary>Gets the type by ClamAV's name; <see langword="null"/> for a name that ClamAV does not know.</summary>
    public static FileType? Named(string clamAvName) => ByName.GetValueOrDefault(clamAvName);

    /// <summary>Tells what a content is.</summary>
    /// <param name="head">Its first <see cref="HeadSize"/> bytes, or all if it is shorter.</param>
    /// <param name="length">The length of the whole content.</param>
    public static FileType Identify(ReadOnlySpan<byte> head, long length)
    {
        head = head[..Math.Min(head.Length, HeadSize)];
        string? name = MagicNumbers.Find(head);
        if (name == "ZIP")
        {
            name = ZipKinds.Find(head);
        }
        else if (name is null)
        {
            name = TextKinds.Find(head);
            name = (name == TextKinds.Binary ? DiskKinds.Find(head, length) : null) ?? EmbeddedMarks.Find(head, name);
        }

        return ByName[Prefix + name];
    }

    private const string Prefix = "CL_TYPE_";

    private static IEnumerable<FileType> Of(ContentTarget target, params string[] names) => names.Select(name => new FileType(Prefix + name, target));
}
