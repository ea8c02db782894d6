using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Management.Server;

/// <summary>One version of a group's policy.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Number">The version's number within the group, from 1 on.</param>
/// <param name="Policy">The policy; <see langword="null"/> from where the group follows the one above.</param>
/// <param name="Created">When it was set.</param>
/// <param name="Author">By whom.</param>
/// <param name="Comment">Why.</param>
/// <param name="RestoredFrom">The earlier version that it brought back, if it did.</param>
public sealed record PolicyVersion(int GroupId, int Number, PolicyDocument? Policy, DateTimeOffset Created, string Author, string Comment, int? RestoredFrom);

/// <summary>What clients of a group are told.</summary>
public sealed record EffectivePolicy
{
    /// <summary>Gets the group.</summary>
    public required int GroupId { get; init; }

    /// <summary>Gets the group that the policy comes from: itself, one above, or <see langword="null"/> where none has one, so that everything has its default.</summary>
    public int? FromGroupId { get; init; }

    /// <summary>Gets the number of the version there.</summary>
    public int? Number { get; init; }

    /// <summary>Gets the policy, with the contents that are recalled.</summary>
    public required PolicyDocument Policy { get; init; }

    /// <summary>Gets the tag (ETag): another document has another one.</summary>
    public required string Tag { get; init; }

    /// <summary>Gets how often heartbeats are expected, in seconds.</summary>
    public int HeartbeatSeconds => Policy.HeartbeatSeconds;

    internal byte[] Json { get; init; } = [];
}
