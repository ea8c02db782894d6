using System.Collections.Frozen;
using System.Globalization;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The functions that two libraries of Windows have been exporting under fixed numbers, so that programs import them without their names.</summary>
/// <remarks>Import hashes are made of names: pefile began to look up these two, and ClamAV looks up the same.</remarks>
internal static class OrdinalNames
{
    private static readonly Lazy<FrozenDictionary<int, string>> Sockets = new(static () => Load("Ws2_32Ordinals"));
    private static readonly Lazy<FrozenDictionary<int, string>> Automation = new(static () => Load("OleAut32Ordinals"));

    /// <summary>Gets the function's name; a made-up one for numbers without a name.</summary>
    public static string Find(string library, ushort ordinal)
    {
        FrozenDictionary<int, string>? names = StartsWith(library, "ws2_32.dll") || StartsWith(library, "wsock32.dll") ? Sockets.Value
            : StartsWith(library, "oleaut32.dll") ? Automation.Value
            : null;
        return names?.GetValueOrDefault(ordinal) ?? string.Create(CultureInfo.InvariantCulture, $"ord{ordinal}");
    }

    private static bool StartsWith(string library, string name) => library.StartsWith(name, StringComparison.OrdinalIgnoreCase);

    private static FrozenDictionary<int, string> Load(string resource)
    {
        using StreamReader reader = new(typeof(OrdinalNames).Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd()
            .Split([',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static entry => entry.Split(' '))
            .ToFrozenDictionary(static entry => int.Parse(entry[0], CultureInfo.InvariantCulture), static entry => entry[1]);
    }
}
