namespace Symantec.Virtualization.Management.Protocol;

/// <summary>A machine asks to become a client.</summary>
public sealed record EnrolmentRequest
{
    /// <summary>Gets the token that an administrator has made: it counts once, or as often as it says.</summary>
    public required string Token { get; init; }

    /// <summary>Gets which machine it is.</summary>
    public required MachineIdentity Machine { get; init; }

    /// <summary>Gets the version of the agent.</summary>
    public required string AgentVersion { get; init; }

    /// <summary>Gets what the machine is, if that was looked at already.</summary>
    public TagDocument? Tag { get; init; }

    /// <summary>Checks every member.</summary>
    /// <exception cref="System.Text.Json.JsonException">A member is not as it must be; the message names it.</exception>
    public void Validate()
    {
        Rules.Identifier(Token, 16, WireLimits.MaxSecret);
        Rules.Require(Machine is not null, "machine", "a machine is needed");
        Machine!.Validate("machine");
        Rules.Text(AgentVersion, WireLimits.MaxText);
        TagRules.Validate(Tag?.Report);
    }
}

/// <summary>Which machine a client is. None of it is a secret, and none of it is believed: it tells clones from their originals, and opens nothing.</summary>
public sealed record MachineIdentity
{
    /// <summary>Gets the name of the host.</summary>
    public required string HostName { get; init; }

    /// <summary>Gets a hash over what stays with the hardware, or with the virtual machine, as the UUID of its firmware.</summary>
    public required string HardwareId { get; init; }

    /// <summary>Gets the number by which the hypervisor tells a guest that it was cloned or taken back, or a hash of it; <see langword="null"/> where there is none.</summary>
    public string? GenerationId { get; init; }

    internal void Validate(string inside)
    {
        Rules.Text(HostName, WireLimits.MaxName, inside);
        Rules.Identifier(HardwareId, WireLimits.MinIdentifier, WireLimits.MaxText, inside);
        if (GenerationId is not null)
        {
            Rules.Identifier(GenerationId, WireLimits.MinIdentifier, WireLimits.MaxText, inside);
        }
    }
}

/// <summary>A machine has become a client.</summary>
public sealed record EnrolmentResponse
{
    /// <summary>Gets the client's identifier.</summary>
    public required Guid ClientId { get; init; }

    /// <summary>Gets the client's secret. It is told this once; the manager keeps its hash only.</summary>
    public required string Secret { get; init; }

    /// <summary>Gets the path of the group that the client came into.</summary>
    public required string Group { get; init; }

    /// <summary>Checks every member.</summary>
    /// <exception cref="System.Text.Json.JsonException">A member is not as it must be; the message names it.</exception>
    public void Validate()
    {
        Rules.Require(ClientId != Guid.Empty, "clientId", "an identifier is needed");
        Rules.Identifier(Secret, 16, WireLimits.MaxSecret);
    }
}
