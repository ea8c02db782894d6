using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server.Storage;

/// <summary>A client. Texts of the tag are kept in lower case and never null: they are what searches compare with.</summary>
internal sealed class ClientRecord
{
    public Guid Id { get; set; }

    public string Name { get; set; } = "";

    public string NameKey { get; set; } = "";

    public byte[] SecretHash { get; set; } = [];

    public int GroupId { get; set; }

    public string HardwareId { get; set; } = "";

    public string? GenerationId { get; set; }

    public string? PreviousMachine { get; set; }

    public ClientStanding Standing { get; set; }

    public Guid? RelatedTo { get; set; }

    public DateTimeOffset Enrolled { get; set; }

    public DateTimeOffset LastSeen { get; set; }

    public DateTimeOffset? Expires { get; set; }

    /// <summary>How long it may be silent, in seconds, where its token said so.</summary>
    public long? LifetimeSeconds { get; set; }

    public long Sequence { get; set; }

    public string AgentVersion { get; set; } = "";

    public AgentState State { get; set; }

    public string StateDetail { get; set; } = "";

    public string Engine { get; set; } = "";

    public string Definitions { get; set; } = "";

    public long DefinitionsSequence { get; set; }

    public DateTimeOffset? DefinitionsPublished { get; set; }

    public string PolicyTag { get; set; } = "";

    public string Machine { get; set; } = "";

    public string Product { get; set; } = "";

    public string Family { get; set; } = "";

    public string Vendor { get; set; } = "";

    public string Platform { get; set; } = "";

    public string HypervisorVersion { get; set; } = "";

    public string Interface { get; set; } = "";

    public string Mode { get; set; } = "";

    public string Role { get; set; } = "";

    public string Cloud { get; set; } = "";

    public string InstanceType { get; set; } = "";

    public string Container { get; set; } = "";

    public string Orchestrator { get; set; } = "";

    public string Confidential { get; set; } = "";

    public string Broker { get; set; } = "";

    public string Pool { get; set; } = "";

    public string MadeAs { get; set; } = "";

    public string Persistent { get; set; } = "";

    public string Chain { get; set; } = "";

    public bool HasGenerationId { get; set; }

    /// <summary>Whether the evidence of some axis speaks against its answer.</summary>
    public bool Contradictory { get; set; }

    public long Detections { get; set; }

    public DateTimeOffset? LastDetection { get; set; }

    /// <summary>What free text is looked for in, in lower case.</summary>
    public string SearchText { get; set; } = "";
}

/// <summary>The whole tag of a client, with its evidence.</summary>
internal sealed class TagRecord
{
    public Guid ClientId { get; set; }

    public DateTimeOffset Time { get; set; }

    public byte[] Report { get; set; } = [];
}

internal sealed class PropertyRecord
{
    public Guid ClientId { get; set; }

    /// <summary>In lower case.</summary>
    public string Name { get; set; } = "";

    public string Value { get; set; } = "";

    public string ValueKey { get; set; } = "";
}

internal sealed class ImageUseRecord
{
    public Guid ClientId { get; set; }

    public Guid SealId { get; set; }

    public string ImageId { get; set; } = "";

    public string ImageKey { get; set; } = "";

    public DateTimeOffset First { get; set; }

    public DateTimeOffset Last { get; set; }
}

internal sealed class GroupRecord
{
    public int Id { get; set; }

    public int? ParentId { get; set; }

    public string Name { get; set; } = "";

    /// <summary>The names of all groups above and its own, in lower case: no two are the same.</summary>
    public string PathKey { get; set; } = "";
}

internal sealed class TokenRecord
{
    public int Id { get; set; }

    public byte[] Hash { get; set; } = [];

    public string Note { get; set; } = "";

    public int GroupId { get; set; }

    public DateTimeOffset Created { get; set; }

    public string CreatedBy { get; set; } = "";

    public DateTimeOffset Expires { get; set; }

    public int MaxUses { get; set; }

    public int Uses { get; set; }

    public bool Revoked { get; set; }

    public long? LifetimeSeconds { get; set; }
}

internal sealed class PolicyRecord
{
    public long Id { get; set; }

    public int GroupId { get; set; }

    public int Number { get; set; }

    /// <summary>Null where the group takes its policy from the one above.</summary>
    public byte[]? Document { get; set; }

    public DateTimeOffset Created { get; set; }

    public string Author { get; set; } = "";

    public string Comment { get; set; } = "";

    public int? RestoredFrom { get; set; }
}

internal sealed class BatchRecord
{
    public Guid ClientId { get; set; }

    public Guid BatchId { get; set; }

    public DateTimeOffset Received { get; set; }
}

internal sealed class ScanRecord
{
    public long Id { get; set; }

    public Guid ClientId { get; set; }

    public string ClientName { get; set; } = "";

    public DateTimeOffset Started { get; set; }

    public ScanTrigger Trigger { get; set; }

    public string Target { get; set; } = "";

    public string Definitions { get; set; } = "";

    public long Contents { get; set; }

    public long Bytes { get; set; }

    public long Infected { get; set; }

    public long Incomplete { get; set; }

    public long Failed { get; set; }

    public long Skipped { get; set; }

    public long Problems { get; set; }

    public long BytesSaved { get; set; }

    public long MillisecondsSaved { get; set; }

    public long Milliseconds { get; set; }

    public bool Cancelled { get; set; }

    public string Ledger { get; set; } = "";
}

internal sealed class DetectionRecord
{
    public long Id { get; set; }

    public Guid ClientId { get; set; }

    public string ClientName { get; set; } = "";

    public DateTimeOffset Time { get; set; }

    public DateTimeOffset Received { get; set; }

    public string Threat { get; set; } = "";

    public string ThreatKey { get; set; } = "";

    public string Location { get; set; } = "";

    public string Hash { get; set; } = "";

    public long Length { get; set; }

    public ScanTrigger Trigger { get; set; }

    public DetectionAction Action { get; set; }

    public string Definitions { get; set; } = "";

    public Guid? SealId { get; set; }

    public string ImageId { get; set; } = "";
}

/// <summary>What one exemption saved a client on one day by one image.</summary>
internal sealed class SavingRecord
{
    public long Id { get; set; }

    public Guid ClientId { get; set; }

    public string ClientName { get; set; } = "";

    /// <summary>The number of the day (<see cref="DateOnly.DayNumber"/>).</summary>
    public int Day { get; set; }

    public string Exemption { get; set; } = "";

    public string ImageId { get; set; } = "";

    /// <summary>The seal; empty for none, since nothing is not unique.</summary>
    public Guid SealId { get; set; }

    public long Contents { get; set; }

    public long Bytes { get; set; }

    public long Milliseconds { get; set; }
}

internal sealed class RecallRecord
{
    public string Hash { get; set; } = "";

    public string Threat { get; set; } = "";

    public DateTimeOffset Created { get; set; }

    public string Author { get; set; } = "";
}

/// <summary>That a client relied on somebody's word for a recalled content.</summary>
internal sealed class RelianceRecord
{
    public long Id { get; set; }

    public Guid ClientId { get; set; }

    public string ClientName { get; set; } = "";

    public string Hash { get; set; } = "";

    public string Exemption { get; set; } = "";

    public Guid SealId { get; set; }

    public string ImageId { get; set; } = "";

    public string Location { get; set; } = "";

    public DateTimeOffset First { get; set; }

    public DateTimeOffset Last { get; set; }
}

internal sealed class AdministratorRecord
{
    public int Id { get; set; }

    public string Name { get; set; } = "";

    public string NameKey { get; set; } = "";

    public string PasswordHash { get; set; } = "";

    public AdministratorRole Role { get; set; }

    public bool MustChangePassword { get; set; }

    public bool Disabled { get; set; }

    public int Failures { get; set; }

    public DateTimeOffset? LockedUntil { get; set; }

    public DateTimeOffset Created { get; set; }
}

internal sealed class SessionRecord
{
    public byte[] Hash { get; set; } = [];

    public int AdministratorId { get; set; }

    public DateTimeOffset Created { get; set; }

    public DateTimeOffset LastUsed { get; set; }

    public string Address { get; set; } = "";
}

internal sealed class ApiKeyRecord
{
    public int Id { get; set; }

    public byte[] Hash { get; set; } = [];

    public string Name { get; set; } = "";

    public int AdministratorId { get; set; }

    public AdministratorRole Role { get; set; }

    public DateTimeOffset Created { get; set; }

    public DateTimeOffset? Expires { get; set; }

    public DateTimeOffset? LastUsed { get; set; }
}

internal sealed class AuditRecord
{
    public long Id { get; set; }

    public DateTimeOffset Time { get; set; }

    public string Actor { get; set; } = "";

    public string Act { get; set; } = "";

    public string Target { get; set; } = "";

    public string Detail { get; set; } = "";

    public string Address { get; set; } = "";
}
