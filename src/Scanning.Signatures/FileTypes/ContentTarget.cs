namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The kind of content that a body or logical signature is for, by ClamAV's numbers.</summary>
internal enum ContentTarget : byte
{
    /// <summary>Any content; of a type, that signatures for one kind of content never look at it.</summary>
    Any = 0,

    /// <summary>Windows programs.</summary>
    Pe = 1,

    /// <summary>OLE2 compound files.</summary>
    Ole2 = 2,

    /// <summary>HTML, normalised.</summary>
    Html = 3,

    /// <summary>Mail messages.</summary>
    Mail = 4,

    /// <summary>Pictures.</summary>
    Graphics = 5,

    /// <summary>ELF programs.</summary>
    Elf = 6,

    /// <summary>Plain text, normalised.</summary>
    Text = 7,

    /// <summary>Mach-O programs, also several in one file.</summary>
    MachO = 9,

    /// <summary>PDF documents.</summary>
    Pdf = 10,

    /// <summary>Flash movies.</summary>
    Flash = 11,

    /// <summary>Java classes.</summary>
    Java = 12,

    /// <summary>What ClamAV itself writes about a content.</summary>
    Internal = 13,

    /// <summary>Bytes of no known type.</summary>
    Other = 14,
}
