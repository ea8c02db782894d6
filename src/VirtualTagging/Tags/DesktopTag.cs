namespace Symantec.Virtualization.VirtualTagging;

/// <summary>How a machine serves as a virtual desktop (VDI).</summary>
public sealed record DesktopTag
{
    /// <summary>Gets the broker: <c>horizon</c>, <c>citrix</c>, <c>avd</c>, <c>windows-365</c>, <c>frame</c>, <c>parallels-ras</c>.</summary>
    public required string Broker { get; init; }

    /// <summary>Gets how the desktop is given to users.</summary>
    public DesktopPoolKind Pool { get; init; }

    /// <summary>Gets whether changes outlive a restart; <see langword="null"/> if that is not known.</summary>
    public bool? Persistent { get; init; }

    /// <summary>Gets how the machine was made from its base image.</summary>
    public CloneKind MadeAs { get; init; }

    /// <summary>Gets the name of the pool, if the snapshot was captured with names; it may name a person.</summary>
    public string? PoolName { get; init; }

    /// <summary>Gets the address of the broker, if the snapshot was captured with names.</summary>
    public string? BrokerAddress { get; init; }
}
