namespace Symantec.Virtualization.Management.Protocol;

/// <summary>How much a document may hold. Both sides know them: a client sends no more, a manager takes no more.</summary>
public static class WireLimits
{
    /// <summary>The longest name of a machine, in characters: that of a host name in DNS, and two.</summary>
    public const int MaxName = 255;

    /// <summary>The longest short text, as a version, in characters.</summary>
    public const int MaxText = 128;

    /// <summary>The longest place of a content, in characters; what is longer is cut by whoever reports it.</summary>
    public const int MaxLocation = 2048;

    /// <summary>The shortest identifier of hardware or of a generation, in characters.</summary>
    public const int MinIdentifier = 8;

    /// <summary>The longest token or secret, in characters.</summary>
    public const int MaxSecret = 128;

    /// <summary>The most properties of a client.</summary>
    public const int MaxProperties = 32;

    /// <summary>The most base images that a client has in use.</summary>
    public const int MaxImages = 64;

    /// <summary>The most scans in a batch.</summary>
    public const int MaxScans = 64;

    /// <summary>The most detections in a batch.</summary>
    public const int MaxDetections = 512;

    /// <summary>The most lines of savings in a batch.</summary>
    public const int MaxSavings = 512;

    /// <summary>The most lines of a scan's ledger.</summary>
    public const int MaxLedgerLines = 64;

    /// <summary>The most contents in an answer to recalls.</summary>
    public const int MaxReliances = 512;

    /// <summary>The most schedules of a policy.</summary>
    public const int MaxSchedules = 64;

    /// <summary>The most folders of a schedule.</summary>
    public const int MaxRoots = 64;

    /// <summary>The most findings that a tag brings as its evidence.</summary>
    public const int MaxFindings = 2048;

    /// <summary>The largest enrolment or heartbeat, in bytes: a tag with its evidence is a tenth of it.</summary>
    public const int MaxHeartbeatLength = 256 << 10;

    /// <summary>The largest batch of results or answers to recalls, in bytes.</summary>
    public const int MaxResultsLength = 4 << 20;

    /// <summary>The largest policy, in bytes: a policy that names 100,000 recalled contents and as many seals has 11 MiB.</summary>
    public const int MaxPolicyLength = 16 << 20;

    /// <summary>The first year that a time may lie in.</summary>
    public const int FirstYear = 2000;

    /// <summary>The last year that a time may lie in.</summary>
    public const int LastYear = 2999;
}
