namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A folder where an AV product keeps its definitions.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Product">The product, as people know it.</param>
/// <param name="IsReadable">Whether the definitions are in a format that this engine knows.</param>
public sealed record DefinitionFolder(string Path, string Product, bool IsReadable)
{
    /// <summary>Lists the files of definitions in a folder, in the order in which they are read; or the one file that is named.</summary>
    /// <exception cref="DirectoryNotFoundException">There is neither a folder nor a file of that name.</exception>
    internal static IReadOnlyList<DefinitionFile> FilesAt(string path)
    {
        string[] files = File.Exists(path) ? [path] : Directory.GetFiles(path);
        Array.Sort(files, StringComparer.Ordinal);
        return [.. files.Select(DefinitionFile.FromDisk).Where(static file => file.IsDefinitions)];
    }
}

/// <summary>Where AV definitions usually are.</summary>
public static class DefinitionFolders
{
    private const string ClamAv = "ClamAV";
    private const string ClamWin = "ClamWin";
    private const string Sep = "Symantec Endpoint Protection";

    /// <summary>Finds the folders that are there, those that can be read first.</summary>
    /// <returns>The folders; the definitions of Symantec Endpoint Protection are in a closed format and only named.</returns>
    public static IReadOnlyList<DefinitionFolder> Find() => Find(Directory.Exists);

    /// <summary>Finds the folders for which a test holds.</summary>
    internal static IReadOnlyList<DefinitionFolder> Find(Func<string, bool> exists) => [.. Usual().Where(folder => exists(folder.Path))];

    private static IEnumerable<DefinitionFolder> Usual() => OperatingSystem.IsWindows() ? OnWindows() : OnUnix();

    private static IEnumerable<DefinitionFolder> OnWindows()
    {
        string programs = Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles);
        string programs32 = Environment.GetFolderPath(Environment.SpecialFolder.ProgramFilesX86);
        string data = Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData);
        yield return new(Path.Combine(programs, "ClamAV", "database"), ClamAv, IsReadable: true);
        yield return new(Path.Combine(data, "ClamAV", "database"), ClamAv, IsReadable: true);
        yield return new(Path.Combine(data, ".clamwin", "db"), ClamWin, IsReadable: true);
        yield return new(
            Path.Combine(data, "Symantec", "Symantec Endpoint Protection", "CurrentVersion", "Data", "Definitions"), Sep, IsReadable: false);
        yield return new(Path.Combine(data, "Symantec", "Definitions", "VirusDefs"), Sep, IsReadable: false);
        yield return new(Path.Combine(programs32, "Common Files", "Symantec Shared", "VirusDefs"), Sep, IsReadable: false);
    }

    private static IEnumerable<DefinitionFolder> OnUnix()
    {
        yield return new("/var/lib/clamav", ClamAv, IsReadable: true);
        yield return new("/usr/local/share/clamav", ClamAv, IsReadable: true);
        yield return new("/usr/local/var/lib/clamav", ClamAv, IsReadable: true);
        yield return new("/opt/homebrew/var/lib/clamav", ClamAv, IsReadable: true);
        yield return new("/opt/local/share/clamav", ClamAv, IsReadable: true);
        yield return new("/opt/Symantec/virusdefs", Sep, IsReadable: false);
    }
}
