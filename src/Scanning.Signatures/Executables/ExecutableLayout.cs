using System.Collections.Frozen;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What the headers of a program say that offsets and conditions of signatures refer to, computed as ClamAV computes it.</summary>
internal sealed record ExecutableLayout
{
    private readonly Lazy<IReadOnlySet<long>> _versionInfo = new(FrozenSet<long>.Empty);

    /// <summary>Gets the kind of program.</summary>
    public required ContentTarget Target { get; init; }

    /// <summary>Gets the offset in the file at which the program starts to run; 0 where the headers name none.</summary>
    public required long EntryPoint { get; init; }

    /// <summary>Gets the sections, in the order of their headers.</summary>
    public required IReadOnlyList<ExecutableSection> Sections { get; init; }

    /// <summary>Gets what only Windows programs have.</summary>
    public PeDirectories? Pe { get; init; }

    /// <summary>
    /// Gets the offsets in the file of the keys of a Windows program's version information: a signature with the offset form <c>VI</c> matches there only.
    /// </summary>
    /// <remarks>Looked up at the first call, while the content is still open.</remarks>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public IReadOnlySet<long> VersionInfoOffsets => _versionInfo.Value;

    /// <summary>Sets how <see cref="VersionInfoOffsets"/> are found.</summary>
    public Func<IReadOnlySet<long>> FindVersionInfo
    {
        // A read that failed once may succeed when the content is read again.
        init => _versionInfo = new(value, LazyThreadSafetyMode.PublicationOnly);
    }
}
