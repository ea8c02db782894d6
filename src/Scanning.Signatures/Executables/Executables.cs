using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads the headers of programs as far as signatures need them.</summary>
internal static class Executables
{
    /// <summary>Reads the headers.</summary>
    /// <param name="content">The program.</param>
    /// <param name="type">What the content is; <see langword="null"/> is the answer for all that are no programs.</param>
    /// <returns>
    /// What the headers say; <see langword="null"/> if they make no sense, and then signatures with offsets into programs match nowhere.
    /// </returns>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public static ExecutableLayout? Parse(ScanContent content, FileType type) => type.Target switch
    {
        ContentTarget.Pe => PeHeader.Parse(content),
        ContentTarget.Elf => ElfHeader.Parse(content),
        ContentTarget.MachO => MachOHeader.Parse(content),
        _ => null,
    };
}
