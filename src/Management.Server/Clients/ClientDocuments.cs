using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Server;

/// <summary>What is known of a client's origin.</summary>
public enum ClientStanding
{
    /// <summary>Nothing speaks against it.</summary>
    Normal,

    /// <summary>It has the hardware identity of another client and another generation: one was cloned from the other.</summary>
    Clone,

    /// <summary>The same machine has enrolled again: this entry is a ghost.</summary>
    Superseded,

    /// <summary>Its generation has changed since it enrolled: it was cloned with its credentials, or taken back to a snapshot.</summary>
    GenerationChanged,

    /// <summary>Two machines take turns with the same credentials: it was cloned after it had enrolled.</summary>
    SharedCredentials,
}

/// <summary>A client in a list.</summary>
public sealed record ClientSummary
{
    /// <summary>Gets the client's identifier.</summary>
    public required Guid Id { get; init; }

    /// <summary>Gets the name of its host.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the path of its group.</summary>
    public required string Group { get; init; }

    /// <summary>Gets when it enrolled.</summary>
    public required DateTimeOffset Enrolled { get; init; }

    /// <summary>Gets when it was last heard of.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Gets when it is forgotten unless it is heard of.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Gets what is known of its origin.</summary>
    public required ClientStanding Standing { get; init; }

    /// <summary>Gets the client that it is a clone or a ghost of.</summary>
    public Guid? RelatedTo { get; init; }

    /// <summary>Gets what its agent was doing.</summary>
    public required AgentState State { get; init; }

    /// <summary>Gets more about that.</summary>
    public required string StateDetail { get; init; }

    /// <summary>Gets the agent's version.</summary>
    public required string AgentVersion { get; init; }

    /// <summary>Gets the engine.</summary>
    public required string Engine { get; init; }

    /// <summary>Gets the version of its definitions.</summary>
    public required string Definitions { get; init; }

    /// <summary>Gets when they were published.</summary>
    public DateTimeOffset? DefinitionsPublished { get; init; }

    /// <summary>Gets the tag (ETag) of the policy that it follows; empty for none.</summary>
    public required string PolicyTag { get; init; }

    /// <summary>Gets physical, virtual or unknown; empty where no tag was reported.</summary>
    public required string Machine { get; init; }

    /// <summary>Gets the hypervisor's product.</summary>
    public required string Product { get; init; }

    /// <summary>Gets the hypervisor's family.</summary>
    public required string Family { get; init; }

    /// <summary>Gets who makes the hypervisor.</summary>
    public required string Vendor { get; init; }

    /// <summary>Gets the platform as administrators know it.</summary>
    public required string Platform { get; init; }

    /// <summary>Gets the hypervisor's version.</summary>
    public required string HypervisorVersion { get; init; }

    /// <summary>Gets what the operating system is to the hypervisor.</summary>
    public required string Role { get; init; }

    /// <summary>Gets the cloud.</summary>
    public required string Cloud { get; init; }

    /// <summary>Gets the type of the instance.</summary>
    public required string InstanceType { get; init; }

    /// <summary>Gets the container's runtime.</summary>
    public required string Container { get; init; }

    /// <summary>Gets the container's orchestrator.</summary>
    public required string Orchestrator { get; init; }

    /// <summary>Gets how the guest's memory is kept from its host.</summary>
    public required string Confidential { get; init; }

    /// <summary>Gets the broker of the virtual desktop.</summary>
    public required string Broker { get; init; }

    /// <summary>Gets how the desktop is given to users.</summary>
    public required string Pool { get; init; }

    /// <summary>Gets how the machine was made from its base image.</summary>
    public required string MadeAs { get; init; }

    /// <summary>Gets yes, no, or nothing if it is not known whether changes outlive a restart.</summary>
    public required string Persistent { get; init; }

    /// <summary>Gets the layers, the outermost first: <c>vmware&gt;hyperv</c>.</summary>
    public required string Chain { get; init; }

    /// <summary>Gets a value indicating whether the evidence of some axis speaks against its answer.</summary>
    public required bool Contradictory { get; init; }

    /// <summary>Gets how many infected contents it has reported.</summary>
    public required long Detections { get; init; }

    /// <summary>Gets when the last one was found.</summary>
    public DateTimeOffset? LastDetection { get; init; }
}

/// <summary>Everything that is known of a client.</summary>
/// <param name="Summary">What stands in lists.</param>
/// <param name="HardwareId">What stays with its hardware.</param>
/// <param name="GenerationId">Its generation, if the hypervisor tells one.</param>
/// <param name="Sequence">The number of its last heartbeat.</param>
/// <param name="CurrentPolicyTag">The tag (ETag) of the policy that it should follow.</param>
/// <param name="Tag">Its tag with the evidence for and against each answer; <see langword="null"/> if none was reported.</param>
/// <param name="Properties">Properties of its host.</param>
/// <param name="Images">The base images that it has in use.</param>
/// <param name="Related">The clients with the same hardware identity, or that name this one as their origin.</param>
public sealed record ClientDetails(
    ClientSummary Summary,
    string HardwareId,
    string? GenerationId,
    long Sequence,
    string CurrentPolicyTag,
    TagDocument? Tag,
    IReadOnlyDictionary<string, string> Properties,
    IReadOnlyList<ImageInUse> Images,
    IReadOnlyList<ClientSummary> Related)
{
    /// <summary>Gets the report that the tag came with.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public TagReport? TagReport => Tag?.Report;
}

/// <summary>A token by which machines enrol.</summary>
/// <param name="Id">The token's number.</param>
/// <param name="Note">What it is for.</param>
/// <param name="GroupId">The group that its clients come into.</param>
/// <param name="Created">When it was made.</param>
/// <param name="CreatedBy">By whom.</param>
/// <param name="Expires">Until when it counts.</param>
/// <param name="MaxUses">How often it counts.</param>
/// <param name="Uses">How often it was used.</param>
/// <param name="Revoked">Whether it was taken back.</param>
/// <param name="LifetimeSeconds">How long its clients may be silent before they are forgotten, if it says so.</param>
public sealed record EnrolmentTokenDocument(
    int Id, string Note, int GroupId, DateTimeOffset Created, string CreatedBy, DateTimeOffset Expires, int MaxUses, int Uses, bool Revoked, long? LifetimeSeconds);

/// <summary>A token that was just made.</summary>
/// <param name="Token">What machines show. It is told this once; the manager keeps its hash only.</param>
/// <param name="Document">The token's description.</param>
public sealed record NewEnrolmentToken(string Token, EnrolmentTokenDocument Document);

/// <summary>Asks for a token.</summary>
public sealed record EnrolmentTokenRequest
{
    /// <summary>Gets what it is for.</summary>
    public string Note { get; init; } = "";

    /// <summary>Gets the group that its clients come into.</summary>
    /// <value>The default value is the group at the top.</value>
    public int GroupId { get; init; } = GroupTree.RootId;

    /// <summary>Gets for how many hours it counts.</summary>
    /// <value>The default value is 24.</value>
    public int Hours { get; init; } = 24;

    /// <summary>Gets how often it counts.</summary>
    /// <value>The default value is 1.</value>
    public int MaxUses { get; init; } = 1;

    /// <summary>Gets how long its clients may be silent before they are forgotten, in seconds; by default as the manager's options say.</summary>
    public long? LifetimeSeconds { get; init; }
}
