using System.Collections.Immutable;
using System.Globalization;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>An engine with a scan profile, of one tenant, and the generations of definitions that it knows.</summary>
/// <remarks>Readers take <see cref="Generations"/> once and work with it: a definitions switch is one write of a reference, whatever the table holds.</remarks>
internal sealed class Lane(byte index, string tenant, string engine, string profile)
{
    private volatile ImmutableArrayBox _generations = new([]);

    /// <summary>Gets the number that entries of the table carry.</summary>
    public byte Index => index;

    public string Tenant => tenant;

    public string Engine => engine;

    public string Profile => profile;

    /// <summary>Gets or sets when its current definitions were set or learnt, at the server where that was; of what servers decide apart, the last counts.</summary>
    public DateTimeOffset Decided { get; set; }

    /// <summary>Gets or sets the newer definitions from which an administrator went back: clients that still have them do not bring them back. Only an administrator does.</summary>
    public ImmutableArray<DefinitionsStamp> Withdrawn { get; set; } = [];

    public LaneId Id { get; } = LaneId.Of(engine, profile);

    /// <summary>Gets or sets the generations that are kept, the current one first.</summary>
    public ImmutableArray<Generation> Generations
    {
        get => _generations.Value;
        set => _generations = new(value);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{tenant}/{engine}/{profile}");

    /// <summary>A reference, so that it is written in one piece.</summary>
    private sealed record ImmutableArrayBox(ImmutableArray<Generation> Value);
}
