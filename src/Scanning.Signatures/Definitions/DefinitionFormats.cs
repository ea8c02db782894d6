namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What the names of definition files mean.</summary>
internal static class DefinitionFormats
{
    /// <summary>Files of hash signatures; those that end in <c>u</c> are of potentially unwanted programs.</summary>
    private static readonly HashSet<string> HashDatabases = [".hdb", ".hsb", ".hdu", ".hsu"];

    /// <summary>Formats that ClamAV reads and this engine does not yet, so that a report can name what it leaves out.</summary>
    private static readonly Dictionary<string, string> Unread = new()
    {
        [".cvd"] = "containers of definitions are not read yet",
        [".cld"] = "containers of definitions are not read yet",
        [".cud"] = "containers of definitions are not read yet",
        [".db"] = "body signatures are not read yet",
        [".ndb"] = "body signatures are not read yet",
        [".ndu"] = "body signatures are not read yet",
        [".ldb"] = "logical signatures are not read yet",
        [".ldu"] = "logical signatures are not read yet",
        [".mdb"] = "section hashes are not read yet",
        [".mdu"] = "section hashes are not read yet",
        [".msb"] = "section hashes are not read yet",
        [".msu"] = "section hashes are not read yet",
        [".imp"] = "import hashes are not read yet",
        [".fp"] = "allow-lists are not read yet",
        [".sfp"] = "allow-lists are not read yet",
        [".ign"] = "ignore lists are not read yet",
        [".ign2"] = "ignore lists are not read yet",
        [".cdb"] = "container signatures are not read yet",
        [".ftm"] = "file types are not read yet",
        [".cbc"] = "bytecode is not run",
        [".crb"] = "certificate lists are not read",
        [".cat"] = "catalogues are not read",
        [".gdb"] = "phishing signatures are not read",
        [".pdb"] = "phishing signatures are not read",
        [".wdb"] = "phishing signatures are not read",
        [".idb"] = "icon signatures are not read",
        [".yar"] = "YARA rules are not read",
        [".yara"] = "YARA rules are not read",
    };

    public static bool IsHashDatabase(string path) => HashDatabases.Contains(Extension(path));

    public static bool IsPotentiallyUnwanted(string path) => Extension(path) is ".hdu" or ".hsu";

    /// <summary>Says why nothing of a file is used; <see langword="null"/> for a file that is read, or that holds no definitions.</summary>
    public static string? WhyUnread(string path) => Unread.GetValueOrDefault(Extension(path));

    private static string Extension(string path) => Path.GetExtension(path).ToLowerInvariant();
}
