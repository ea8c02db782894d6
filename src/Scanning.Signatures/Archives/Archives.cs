using System.Collections.Frozen;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Opens everything that contains other contents.</summary>
internal static class Archives
{
    private static readonly FrozenDictionary<string, Action<MemberWalk>> Formats = new Dictionary<string, Action<MemberWalk>>
    {
        ["CL_TYPE_ZIP"] = ZipFormat.Open,
        ["CL_TYPE_OOXML_HWP"] = ZipFormat.Open,
        ["CL_TYPE_OOXML_PPT"] = ZipFormat.Open,
        ["CL_TYPE_OOXML_WORD"] = ZipFormat.Open,
        ["CL_TYPE_OOXML_XL"] = ZipFormat.Open,
        ["CL_TYPE_GZ"] = GzipFormat.Open,
        ["CL_TYPE_BZ"] = Bzip2Format.Open,
        ["CL_TYPE_POSIX_TAR"] = TarFormat.Open,
        ["CL_TYPE_OLD_TAR"] = TarFormat.Open,
        ["CL_TYPE_XZ"] = XzFormat.Open,
        ["CL_TYPE_7Z"] = SevenZipFormat.Open,
        ["CL_TYPE_RAR"] = RarFormat.Open,
        ["CL_TYPE_MSCAB"] = CabFormat.Open,
        ["CL_TYPE_MSCHM"] = ChmFormat.Open,
        ["CL_TYPE_MSOLE2"] = Ole2Format.Open,
        ["CL_TYPE_CPIO_NEWC"] = CpioFormat.OpenText,
        ["CL_TYPE_CPIO_CRC"] = CpioFormat.OpenText,
        ["CL_TYPE_CPIO_ODC"] = CpioFormat.OpenText,
        ["CL_TYPE_CPIO_OLD"] = CpioFormat.OpenBinary,
        ["CL_TYPE_MSSZDD"] = SzddFormat.Open,
        ["CL_TYPE_ARJ"] = ArjFormat.Open,
        ["CL_TYPE_MAIL"] = MailFormat.Open,
        ["CL_TYPE_MHTML"] = MailFormat.Open,
        ["CL_TYPE_UUENCODED"] = MailFormat.OpenBody,
        ["CL_TYPE_BINHEX"] = BinHexFormat.Open,
        ["CL_TYPE_HTML"] = HtmlDataFormat.Open,
        ["CL_TYPE_RTF"] = RtfFormat.Open,
        ["CL_TYPE_TNEF"] = TnefFormat.Open,
        ["CL_TYPE_PDF"] = PdfFormat.Open,
        ["CL_TYPE_MACHO_UNIBIN"] = UniversalFormat.Open,
        ["CL_TYPE_SWF"] = FlashFormat.Open,
    }.ToFrozenDictionary();

    /// <summary>Containers whose members partly lie in them as they are: an archive that is one of these would be opened twice if marks of archives were followed.</summary>
    private static readonly FrozenSet<string> Stores = FrozenSet.Create(
        "CL_TYPE_ZIP", "CL_TYPE_OOXML_HWP", "CL_TYPE_OOXML_PPT", "CL_TYPE_OOXML_WORD", "CL_TYPE_OOXML_XL", "CL_TYPE_GZ", "CL_TYPE_BZ", "CL_TYPE_POSIX_TAR", "CL_TYPE_OLD_TAR",
        "CL_TYPE_XZ", "CL_TYPE_7Z", "CL_TYPE_RAR", "CL_TYPE_MSCHM", "CL_TYPE_MSOLE2", "CL_TYPE_CPIO_NEWC", "CL_TYPE_CPIO_CRC", "CL_TYPE_CPIO_ODC", "CL_TYPE_CPIO_OLD", "CL_TYPE_ARJ",
        "CL_TYPE_TNEF", "CL_TYPE_MACHO_UNIBIN");

    /// <summary>Containers that nothing here opens: what is in them was not looked at.</summary>
    private static readonly FrozenSet<string> Closed = FrozenSet.Create(
        "CL_TYPE_ALZ", "CL_TYPE_APM", "CL_TYPE_AUTOIT", "CL_TYPE_CRYPTFF", "CL_TYPE_DMG", "CL_TYPE_EGG", "CL_TYPE_GPT", "CL_TYPE_HWP3", "CL_TYPE_HWP5", "CL_TYPE_HWPOLE2",
        "CL_TYPE_ISHIELD_MSI", "CL_TYPE_ISO9660", "CL_TYPE_LHA_LZH", "CL_TYPE_MBR", "CL_TYPE_NULSFT", "CL_TYPE_ONENOTE", "CL_TYPE_PART_HFSPLUS", "CL_TYPE_SCRENC", "CL_TYPE_SIS",
        "CL_TYPE_UDF", "CL_TYPE_XAR", "CL_TYPE_XDP", "CL_TYPE_XML_HWP", "CL_TYPE_XML_WORD", "CL_TYPE_XML_XL");

    /// <summary>Makes what notes the marks of archives in contents of a type. Archives hide behind programs that unpack themselves, pictures, pages, texts and anything else.</summary>
    /// <returns><see langword="null"/> if none are looked for: the type's own reader sees all that is in it.</returns>
    public static ArchiveMarks? MarksIn(FileType type) => Stores.Contains(type.Name) ? null : new ArchiveMarks();

    /// <summary>Hands the members of a container to a visitor.</summary>
    /// <param name="container">The container.</param>
    /// <param name="type">What it is.</param>
    /// <param name="marks">The marks of archives in it, if they were looked for.</param>
    /// <param name="budget">What may still be taken for the file that is scanned.</param>
    /// <param name="visitor">Takes the members, and hears of everything that could not be opened.</param>
    /// <param name="token">Ends the walk.</param>
    /// <exception cref="IOException">The container cannot be read, or a temporary file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The walk was ended.</exception>
    public static void Open(ScanContent container, FileType type, ArchiveMarks? marks, ArchiveBudget budget, IMemberVisitor visitor, CancellationToken token)
    {
        Action<MemberWalk>? open = Formats.GetValueOrDefault(type.Name);
        bool isClosed = Closed.Contains(type.Name);
        if (open is null && marks is null && !isClosed)
        {
            return;
        }

        MemberWalk walk = new(container, type, budget, visitor, token);
        if (isClosed)
        {
            walk.Incomplete($"contents of this type are not opened: {type}");
        }

        if (!budget.TryEnter())
        {
            walk.Incomplete($"not opened: it lies deeper than {budget.Limits.MaxDepth} archives");
            return;
        }

        try
        {
            Run(walk, open);
            if (marks is not null && walk.IsOpen)
            {
                Run(walk, embedded => EmbeddedArchives.Open(embedded, marks, isOpened: open is not null));
            }
        }
        finally
        {
            budget.Leave();
        }
    }

    private static void Run(MemberWalk walk, Action<MemberWalk>? open)
    {
        try
        {
            open?.Invoke(walk);
        }
        catch (ArchiveFormatException e)
        {
            walk.Incomplete(e.Message);
        }
        catch (ArchiveLimitException e)
        {
            walk.Incomplete(e.Message);
        }
        catch (OverflowException)
        {
            walk.Incomplete("a length in it leads beyond what any file can have");
        }
        catch (ContainerReadException e)
        {
            e.Rethrow();
        }
    }
}
