using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>What an agent is doing.</summary>
public enum AgentState
{
    /// <summary>It waits.</summary>
    Idle,

    /// <summary>A scan runs.</summary>
    Scanning,

    /// <summary>It cannot do what its policy asks; <see cref="HeartbeatRequest.StateDetail"/> says why.</summary>
    Impaired,

    /// <summary>It is ending in good order.</summary>
    Stopping,
}

/// <summary>A client tells that it lives, and how it is.</summary>
public sealed record HeartbeatRequest
{
    /// <summary>Gets the heartbeat's number. Each is greater than the one before; the same one, sent again, is taken again and changes nothing.</summary>
    public required long Sequence { get; init; }

    /// <summary>Gets which machine sends it.</summary>
    public required MachineIdentity Machine { get; init; }

    /// <summary>Gets the version of the agent.</summary>
    public required string AgentVersion { get; init; }

    /// <summary>Gets what the agent is doing.</summary>
    public AgentState State { get; init; }

    /// <summary>Gets more about the state, for people.</summary>
    public string? StateDetail { get; init; }

    /// <summary>Gets the definitions that the agent scans with.</summary>
    public DefinitionsDocument? Definitions { get; init; }

    /// <summary>Gets the tag (ETag) of the policy that the agent follows; <see langword="null"/> if it has none.</summary>
    public string? PolicyTag { get; init; }

    /// <summary>Gets what the machine is; only where it changed since the last heartbeat that was taken, or the manager has asked for it.</summary>
    public TagDocument? Tag { get; init; }

    /// <summary>Gets properties of the client's host, as the operating system or the owner; <see langword="null"/> where nothing changed.</summary>
    public IReadOnlyDictionary<string, string>? Properties { get; init; }

    /// <summary>Gets the base images whose seals the client has in use; <see langword="null"/> where nothing changed.</summary>
    public IReadOnlyList<ImageInUse>? Images { get; init; }

    /// <summary>Checks every member.</summary>
    /// <exception cref="System.Text.Json.JsonException">A member is not as it must be; the message names it.</exception>
    public void Validate()
    {
        Rules.Require(Sequence is > 0 and <= Rules.MaxAmount, "sequence", $"a number from 1 to {Rules.MaxAmount} is needed");
        Rules.Require(Machine is not null, "machine", "a machine is needed");
        Machine!.Validate("machine");
        Rules.Text(AgentVersion, WireLimits.MaxText);
        Rules.Optional(StateDetail, WireLimits.MaxName);
        Rules.Optional(PolicyTag, WireLimits.MaxText);
        Definitions?.Validate("definitions");
        TagRules.Validate(Tag?.Report);
        if (Properties is not null)
        {
            Rules.Require(Properties.Count <= WireLimits.MaxProperties, "properties", $"at most {WireLimits.MaxProperties} are taken");
            foreach ((string name, string value) in Properties)
            {
                Rules.Require(
                    name.Length is > 0 and <= 64 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'), "properties", "a name has 1 to 64 letters, digits, hyphens or underscores");
                Rules.Text(value, WireLimits.MaxName, "properties", mayBeEmpty: true, name);
            }
        }

        if (Images is not null)
        {
            Rules.Count(Images, WireLimits.MaxImages);
            foreach (ImageInUse image in Images)
            {
                image.Validate("images");
            }
        }
    }
}

/// <summary>Definitions as a client names them.</summary>
public sealed record DefinitionsDocument
{
    /// <summary>Gets the engine.</summary>
    public required string Engine { get; init; }

    /// <summary>Gets the version as people know it.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the number that grows with each publication; 0 where nothing is numbered.</summary>
    public long Sequence { get; init; }

    /// <summary>Gets when they were published, if that is known.</summary>
    public DateTimeOffset? Published { get; init; }

    /// <summary>Makes the document of definitions.</summary>
    /// <param name="definitions">The definitions.</param>
    /// <returns>The document.</returns>
    public static DefinitionsDocument Of(DefinitionSet definitions)
    {
        ArgumentNullException.ThrowIfNull(definitions);
        return new() { Engine = definitions.Engine, Version = definitions.Version, Sequence = definitions.Sequence, Published = definitions.Published };
    }

    internal void Validate(string inside)
    {
        Rules.Text(Engine, WireLimits.MaxText, inside);
        Rules.Text(Version, WireLimits.MaxText, inside);
        Rules.Amount(Sequence, inside);
        if (Published is { } published)
        {
            Rules.Time(published, inside);
        }
    }
}

/// <summary>A sealed base image that a client relies on.</summary>
/// <param name="SealId">The seal.</param>
/// <param name="ImageId">The image that was sealed.</param>
public sealed record ImageInUse(Guid SealId, string ImageId)
{
    internal void Validate(string inside)
    {
        Rules.Require(SealId != Guid.Empty, inside + ".sealId", "an identifier is needed");
        Rules.Text(ImageId, WireLimits.MaxText, inside);
    }
}

/// <summary>The manager's answer to a heartbeat.</summary>
public sealed record HeartbeatResponse
{
    /// <summary>Gets the manager's time.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets after how many seconds the next heartbeat is expected.</summary>
    public required int NextSeconds { get; init; }

    /// <summary>Gets the tag (ETag) of the client's policy: another one than the client's own says that there is something to fetch.</summary>
    public required string PolicyTag { get; init; }

    /// <summary>Gets a value indicating whether the next heartbeat shall bring everything: tag, properties and images.</summary>
    public bool TellAll { get; init; }
}
