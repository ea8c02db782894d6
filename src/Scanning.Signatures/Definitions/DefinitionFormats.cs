namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The formats of definition files that are read.</summary>
internal enum DefinitionFormat
{
    /// <summary>None of them.</summary>
    None,

    /// <summary>Signatures that are not to be used; read before all others.</summary>
    Ignored,

    /// <summary>The same in its old form.</summary>
    IgnoredOld,

    /// <summary>Hashes of files.</summary>
    Files,

    /// <summary>Hashes of files that are allowed.</summary>
    Allowed,

    /// <summary>Hashes of sections of programs.</summary>
    Sections,

    /// <summary>Hashes of what programs import.</summary>
    Imports,

    /// <summary>Bodies with a target and an offset.</summary>
    Extended,

    /// <summary>Bodies with a name and nothing else.</summary>
    Plain,

    /// <summary>Logical signatures.</summary>
    Logical,
}

/// <summary>What the names of definition files mean.</summary>
internal static class DefinitionFormats
{
    private static readonly Dictionary<string, DefinitionFormat> Read = new()
    {
        [".ign2"] = DefinitionFormat.Ignored,
        [".ign"] = DefinitionFormat.IgnoredOld,
        [".hdb"] = DefinitionFormat.Files,
        [".hsb"] = DefinitionFormat.Files,
        [".hdu"] = DefinitionFormat.Files,
        [".hsu"] = DefinitionFormat.Files,
        [".fp"] = DefinitionFormat.Allowed,
        [".sfp"] = DefinitionFormat.Allowed,
        [".mdb"] = DefinitionFormat.Sections,
        [".msb"] = DefinitionFormat.Sections,
        [".mdu"] = DefinitionFormat.Sections,
        [".msu"] = DefinitionFormat.Sections,
        [".imp"] = DefinitionFormat.Imports,
        [".ndb"] = DefinitionFormat.Extended,
        [".ndu"] = DefinitionFormat.Extended,
        [".db"] = DefinitionFormat.Plain,
        [".ldb"] = DefinitionFormat.Logical,
        [".ldu"] = DefinitionFormat.Logical,
    };

    /// <summary>Formats that ClamAV reads and this engine does not, so that a report can name what it leaves out.</summary>
    private static readonly Dictionary<string, string> Unread = new()
    {
        [".cdb"] = "container signatures are not read",
        [".ftm"] = "file types are not read",
        [".cbc"] = "bytecode is not run",
        [".crb"] = "certificate lists are not read",
        [".cat"] = "catalogues are not read",
        [".gdb"] = "phishing signatures are not read",
        [".pdb"] = "phishing signatures are not read",
        [".wdb"] = "phishing signatures are not read",
        [".idb"] = "icon signatures are not read",
        [".pwdb"] = "passwords of archives are not read",
        [".sdb"] = "signatures of an obsolete form are not read",
        [".zmd"] = "signatures of an obsolete form are not read",
        [".rmd"] = "signatures of an obsolete form are not read",
        [".yar"] = "YARA rules are not read",
        [".yara"] = "YARA rules are not read",
    };

    /// <summary>Tells the format of a file by its name.</summary>
    public static DefinitionFormat Of(string path) => Read.GetValueOrDefault(Extension(path));

    /// <summary>Tells whether a file is of potentially unwanted programs: its extension ends in <c>u</c>.</summary>
    public static bool IsPotentiallyUnwanted(string path) => Of(path) != DefinitionFormat.None && Extension(path).EndsWith('u');

    /// <summary>Says why nothing of a file is used; <see langword="null"/> for a file that is read, or that holds no definitions.</summary>
    public static string? WhyUnread(string path) => Unread.GetValueOrDefault(Extension(path));

    private static string Extension(string path) => Path.GetExtension(path).ToLowerInvariant();
}
