namespace Symantec.Virtualization.VirtualTagging;

/// <summary>A product or a cloud that firmware names. Every condition has to hold, each over a whole string or its beginning, never over a part in the middle.</summary>
/// <param name="Says">The word of the product or of the cloud.</param>
/// <param name="Weight">How much it counts.</param>
/// <param name="Conditions">Which member has which value.</param>
internal sealed record SmbiosRule(string Says, EvidenceWeight Weight, params SmbiosCondition[] Conditions)
{
    /// <summary>Gets a value indicating whether the maker rents out physical machines with the same strings: a processor that denies a hypervisor decides.</summary>
    public bool AlsoOnMetal { get; init; }

    public bool Holds(SmbiosFacts facts) => Array.TrueForAll(Conditions, condition => condition.Holds(facts));
}

/// <summary>One condition of a rule.</summary>
/// <param name="Member">The name of the member, as under <c>/sys/class/dmi/id</c>.</param>
/// <param name="Get">Reads the member.</param>
/// <param name="Text">What it has to be.</param>
/// <param name="Match">Whether all of it, its beginning or its end.</param>
internal sealed record SmbiosCondition(string Member, Func<SmbiosFacts, string?> Get, string Text, TextMatch Match)
{
    public bool Holds(SmbiosFacts facts)
    {
        ReadOnlySpan<char> value = Get(facts).AsSpan().Trim();
        return Match switch
        {
            TextMatch.Starts => value.StartsWith(Text, StringComparison.Ordinal),
            TextMatch.Ends => value.EndsWith(Text, StringComparison.Ordinal),
            _ => value.SequenceEqual(Text),
        };
    }
}

/// <summary>Which part of a string a condition looks at.</summary>
internal enum TextMatch
{
    /// <summary>All of it.</summary>
    Whole,

    /// <summary>Its beginning.</summary>
    Starts,

    /// <summary>Its end.</summary>
    Ends,
}
