namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>Those names of ClamAV that are no threats: they say that a part of the content was not scanned.</summary>
internal static class Alerts
{
    private const string Limit = "Heuristics.Limits.Exceeded";
    private const string Encrypted = "Heuristics.Encrypted";

    /// <summary>A member whose dictionary would take more memory than ClamAV gives it, and which is not unpacked.</summary>
    private const string Dictionary = "Heuristics.XZ.DicSizeLimit";

    /// <summary>Tells whether a name says that not all was scanned.</summary>
    public static bool IsIncomplete(string name)
        => name.StartsWith(Limit, StringComparison.Ordinal) || name.StartsWith(Encrypted, StringComparison.Ordinal)
            || name.StartsWith(Dictionary, StringComparison.Ordinal);

    /// <summary>Says in words what such a name means.</summary>
    public static string Explain(string name) => name.StartsWith(Encrypted, StringComparison.Ordinal)
        ? $"a part is encrypted ({Last(name)})"
        : $"a limit of ClamAV was reached ({Last(name)})";

    private static string Last(string name) => name[(name.LastIndexOf('.') + 1)..];
}
