namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Bounded reading of a snapshot, which may be anybody's.</summary>
internal static class SnapshotReading
{
    /// <summary>How much of a text is looked at, in characters; every fact stands in the first part of its file.</summary>
    private const int MaxText = 64 << 10;

    /// <summary>How many items of a list are looked at; the largest server has a few hundred PCI devices.</summary>
    private const int MaxItems = 4096;

    public static IEnumerable<T> Bounded<T>(this IReadOnlyList<T> items) => items.Take(MaxItems);

    /// <summary>Gets a file's text, cut to its bound, or <see langword="null"/> if the file was not there.</summary>
    public static string? File(this EvidenceSnapshot snapshot, string path)
        => snapshot.Files.TryGetValue(path, out string? text) ? Cut(text) : null;

    public static bool HasFile(this EvidenceSnapshot snapshot, string path) => snapshot.Files.ContainsKey(path);

    /// <summary>Gets a registry value, cut to its bound, or <see langword="null"/> if it was not there.</summary>
    public static string? RegistryValue(this EvidenceSnapshot snapshot, string name)
        => snapshot.Registry.TryGetValue(name, out string? text) ? Cut(text) : null;

    public static bool HasService(this EvidenceSnapshot snapshot, string name)
        => snapshot.Services.Bounded().Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the rest of the first line that starts with a name, without what separates them.</summary>
    public static string? LineOf(string text, string name)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                ReadOnlySpan<char> rest = line[name.Length..].TrimStart(" \t");
                if (rest.Length > 0 && rest[0] is ':' or '=')
                {
                    return rest[1..].Trim(" \t\0").ToString();
                }
            }
        }

        return null;
    }

    private static string Cut(string? text) => text is null ? "" : text.Length <= MaxText ? text : text[..MaxText];
}
