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
    }.ToFrozenDictionary();

    /// <summary>What archives hide behind: programs that unpack themselves, and pictures, texts and data that are archives as well.</summary>
    private static readonly FrozenSet<string> Carriers = FrozenSet.Create(
        "CL_TYPE_MSEXE", "CL_TYPE_ELF", "CL_TYPE_MACHO", "CL_TYPE_BINARY_DATA", "CL_TYPE_GRAPHICS", "CL_TYPE_GIF", "CL_TYPE_JPEG", "CL_TYPE_PNG", "CL_TYPE_TIFF", "CL_TYPE_RIFF",
        "CL_TYPE_TEXT_ASCII", "CL_TYPE_TEXT_UTF8", "CL_TYPE_TEXT_UTF16LE", "CL_TYPE_TEXT_UTF16BE", "CL_TYPE_SCRIPT", "CL_TYPE_IGNORED", "CL_TYPE_JAVA", "CL_TYPE_LNK", "CL_TYPE_LHA_LZH",
        "CL_TYPE_PS", "CL_TYPE_OTHER");

    /// <summary>Makes what notes the marks of archives in contents of a type.</summary>
    /// <returns><see langword="null"/> if none are looked for: the type is a container itself, or nothing is known to hide in it.</returns>
    public static ArchiveMarks? MarksIn(FileType type) => Carriers.Contains(type.Name) ? new ArchiveMarks() : null;

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
        Action<MemberWalk>? open = marks is null ? Formats.GetValueOrDefault(type.Name) : walk => EmbeddedArchives.Open(walk, marks);
        if (open is null)
        {
            return;
        }

        MemberWalk walk = new(container, type, budget, visitor, token);
        if (!budget.TryEnter())
        {
            walk.Incomplete($"not opened: it lies deeper than {budget.Limits.MaxDepth} archives");
            return;
        }

        try
        {
            open(walk);
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
        finally
        {
            budget.Leave();
        }
    }
}
