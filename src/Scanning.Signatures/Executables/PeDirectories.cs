namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A table that the headers of a Windows program point to.</summary>
/// <param name="Address">Its address, relative to the image's base.</param>
/// <param name="Size">Its size in bytes.</param>
internal readonly record struct PeDirectory(uint Address, uint Size);

/// <summary>How addresses of a Windows program become offsets in its file, and where two of its tables are.</summary>
internal sealed class PeDirectories(long fileLength, uint headerSize, IReadOnlyList<ExecutableSection> sections)
{
    /// <summary>Gets whether addresses have 64 bits.</summary>
    public required bool IsPe32Plus { get; init; }

    public required PeDirectory Imports { get; init; }

    public required PeDirectory Resources { get; init; }

    /// <summary>Finds the offset in the file of an address relative to the image's base.</summary>
    /// <returns><see langword="null"/> if no byte of the file is loaded there.</returns>
    /// <remarks>The last section that fits is taken, and the headers before any.</remarks>
    public uint? OffsetOf(uint address)
    {
        if (address < headerSize)
        {
            return address < fileLength ? address : null;
        }

        for (int i = sections.Count - 1; i >= 0; i--)
        {
            ExecutableSection section = sections[i];
            if (section.Address <= address && address - section.Address < section.RawSize)
            {
                return unchecked((uint)(address - section.Address + section.RawOffset));
            }
        }

        return null;
    }
}
