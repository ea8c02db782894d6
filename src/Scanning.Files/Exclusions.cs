namespace Symantec.Virtualization.Scanning.Files;

/// <summary>The paths that are left out.</summary>
internal sealed class Exclusions(IEnumerable<string> paths)
{
    private readonly HashSet<string> _paths = new(
        paths.Select(static path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))),
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    public bool Any => _paths.Count > 0;

    public bool Contains(string path) => _paths.Contains(path);
}
