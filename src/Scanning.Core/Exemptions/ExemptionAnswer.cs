namespace Symantec.Virtualization.Scanning.Core;

/// <summary>The kinds of an answer.</summary>
public enum ExemptionKind
{
    /// <summary>Scan it: nothing certain is known.</summary>
    Scan,

    /// <summary>Skip it: its bytes were scanned before.</summary>
    Skip,

    /// <summary>Come back to it later: someone else is scanning it.</summary>
    Defer,
}

/// <summary>What an exemption answers for one content. The default value is to scan.</summary>
public readonly record struct ExemptionAnswer
{
    private readonly string? _why;

    private ExemptionAnswer(ExemptionKind kind, string why, DateTimeOffset until)
    {
        Kind = kind;
        _why = why;
        Until = until;
    }

    /// <summary>Gets the answer that the content is to be scanned.</summary>
    public static ExemptionAnswer Scan { get; }

    /// <summary>Gets the kind.</summary>
    public ExemptionKind Kind { get; }

    /// <summary>Gets the reason for the ledger; empty if to be scanned.</summary>
    public string Why => _why ?? "";

    /// <summary>Gets when to ask again, if deferred.</summary>
    public DateTimeOffset Until { get; }

    /// <summary>The content need not be scanned.</summary>
    /// <param name="why">The reason, for the ledger.</param>
    /// <returns>The answer.</returns>
    public static ExemptionAnswer Skip(string why)
    {
        ArgumentException.ThrowIfNullOrEmpty(why);
        return new ExemptionAnswer(ExemptionKind.Skip, why, default);
    }

    /// <summary>Someone else is scanning the content.</summary>
    /// <param name="until">When to ask again.</param>
    /// <returns>The answer.</returns>
    public static ExemptionAnswer DeferUntil(DateTimeOffset until) => new(ExemptionKind.Defer, "someone else is scanning it", until);
}
