using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>How users name a volume.</summary>
internal static class VolumePath
{
    private static readonly StringComparison Comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Gets the path of what was named, with no link on its way: what is left out is told by such paths.</summary>
    public static string Of(string named)
    {
        // C: is the current folder of that drive, and everybody means the drive.
        bool isDrive = OperatingSystem.IsWindows() && named is [_, ':'] && char.IsAsciiLetter(named[0]);
        return Path.TrimEndingDirectorySeparator(OutputPaths.Resolve(isDrive ? named + Path.DirectorySeparatorChar : named));
    }

    /// <summary>Tells whether a path is another or lies below it.</summary>
    public static bool IsIn(string path, string folder)
        => string.Equals(path, folder, Comparison) || path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, Comparison);

    /// <summary>Tells whether a path lies below another.</summary>
    public static bool IsBelow(string path, string folder) => IsIn(path, folder) && !string.Equals(path, folder, Comparison);

    /// <summary>Tells whether a key would be in every clone: it lies below what is sealed, and on the same volume.</summary>
    /// <remarks>What is mounted below it from elsewhere, as a stick with the key, is not sealed with it.</remarks>
    public static bool HoldsKey(string root, string key)
    {
        string path = OutputPaths.Resolve(key);
        using LiveVolumes volumes = new();
        return IsIn(path, root) && volumes.NameOf(Path.GetDirectoryName(path)!) == volumes.NameOf(root);
    }
}
