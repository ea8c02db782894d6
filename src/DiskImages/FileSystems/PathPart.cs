using System.Text;

namespace Symantec.Virtualization.DiskImages.FileSystems;

/// <summary>A name as a part of a path.</summary>
internal static class PathPart
{
    /// <summary>Keeps a name from looking like several: no guest can have made a name with a separator or a NUL.</summary>
    public static string Of(string name) => name.AsSpan().IndexOfAny('/', '\0') < 0
        ? name
        : new StringBuilder(name).Replace("/", @"\u002F").Replace("\0", @"\u0000").ToString();
}
