namespace Symantec.Virtualization.VirtualTagging;

/// <summary>The cloud that a machine runs in, virtual or not.</summary>
public sealed record CloudTag
{
    /// <summary>Gets the provider, a word of <see cref="Clouds"/>: <c>aws</c>, <c>azure</c>, <c>gcp</c> ...</summary>
    public required string Provider { get; init; }

    /// <summary>Gets the provider's name as people know it.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the software that the cloud is made with, where the machine tells it: <c>openstack</c>, <c>cloudstack</c>; else <see langword="null"/>.</summary>
    public string? Platform { get; init; }

    /// <summary>Gets the type of the instance, where the firmware tells it: <c>c5.large</c>; else <see langword="null"/>.</summary>
    public string? InstanceType { get; init; }
}
