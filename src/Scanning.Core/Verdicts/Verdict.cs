namespace Symantec.Virtualization.Scanning.Core;

/// <summary>The kinds of a verdict.</summary>
public enum VerdictKind
{
    /// <summary>The content could not be scanned: reading it, or the engine, failed.</summary>
    Failed,

    /// <summary>The content was not scanned as a whole: a limit was reached, or a part of it is in a form that cannot be read.</summary>
    Incomplete,

    /// <summary>A threat was found.</summary>
    Infected,

    /// <summary>The whole content was scanned and nothing was found.</summary>
    Clean,
}

/// <summary>What a scan says of a content: clean, infected, incomplete or failed.</summary>
/// <remarks>
/// Only a complete scan that found nothing is clean. The default value is <see cref="VerdictKind.Failed"/>: a verdict that nobody gave is not a clean one.
/// </remarks>
public readonly record struct Verdict
{
    private readonly string? _detail;

    private Verdict(VerdictKind kind, string detail)
    {
        Kind = kind;
        _detail = detail;
    }

    /// <summary>Gets the verdict of a complete scan that found nothing.</summary>
    public static Verdict Clean { get; } = new(VerdictKind.Clean, "");

    /// <summary>Gets the kind.</summary>
    public VerdictKind Kind { get; }

    /// <summary>Gets the threat's name if <see cref="VerdictKind.Infected"/>, the reason if not scanned to the end; empty if clean.</summary>
    public string Detail => _detail ?? "no verdict was given";

    /// <summary>Gets a value indicating whether the verdict is of the whole content, so that it may be remembered.</summary>
    public bool IsComplete => Kind is VerdictKind.Clean or VerdictKind.Infected;

    /// <summary>A threat was found.</summary>
    /// <param name="threatName">The threat's name.</param>
    /// <returns>The verdict.</returns>
    public static Verdict Infected(string threatName) => new(VerdictKind.Infected, Required(threatName));

    /// <summary>Not all of the content was scanned.</summary>
    /// <param name="why">What was not, and for which reason.</param>
    /// <returns>The verdict.</returns>
    public static Verdict Incomplete(string why) => new(VerdictKind.Incomplete, Required(why));

    /// <summary>The content could not be scanned.</summary>
    /// <param name="why">What failed.</param>
    /// <returns>The verdict.</returns>
    public static Verdict Failed(string why) => new(VerdictKind.Failed, Required(why));

    /// <summary>The content could not be scanned.</summary>
    internal static Verdict FailedBy(Exception e) => Failed(e.Message.Length > 0 ? e.Message : e.GetType().Name);

    /// <summary>Says the verdict in words.</summary>
    /// <returns><c>Clean</c>, or <c>Infected: Eicar-Test-Signature</c>.</returns>
    public override string ToString() => Kind == VerdictKind.Clean ? "Clean" : $"{Kind}: {Detail}";

    private static string Required(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return text;
    }
}
