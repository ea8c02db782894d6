using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Client;

/// <summary>How the agent is, as heartbeats tell it. Immutable.</summary>
public sealed record AgentStatus
{
    /// <summary>Gets what the agent is doing.</summary>
    public AgentState State { get; init; }

    /// <summary>Gets more about it, for people.</summary>
    public string? Detail { get; init; }

    /// <summary>Gets the definitions that it scans with.</summary>
    public DefinitionSet? Definitions { get; init; }

    /// <summary>Gets properties of the host.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the base images whose seals are in use.</summary>
    public IReadOnlyList<ImageInUse> Images { get; init; } = [];
}

/// <summary>Knows what the client has skipped: it tells which recalled contents were among that.</summary>
public interface IRecallWitness
{
    /// <summary>Tells which contents were relied on.</summary>
    /// <param name="recalled">The contents that the policy recalls.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>Those that were skipped or are under a seal, and by whose word.</returns>
    ValueTask<IReadOnlyList<RelianceDocument>> FindAsync(IReadOnlyList<ContentHash> recalled, CancellationToken cancellationToken);
}
