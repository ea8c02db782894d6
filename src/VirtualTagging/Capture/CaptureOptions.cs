namespace Symantec.Virtualization.VirtualTagging;

/// <summary>What is captured of a machine.</summary>
public sealed record CaptureOptions
{
    /// <summary>Gets a value indicating whether serial numbers, UUIDs, and the names of hosts, pools and users are kept.</summary>
    /// <value>The default value is <see langword="false"/>: they are replaced, all but the part by which a hypervisor or a cloud is known.</value>
    public bool IncludeNames { get; init; }

    /// <summary>Gets the folder that stands for the root of the file system: in a container that sees its host's files, where they are mounted.</summary>
    /// <value>The default value is <c>/</c>.</value>
    public string Root { get; init; } = "/";

    /// <summary>Gets a value indicating whether the processor is asked, which answers for the machine that the process runs on whatever <see cref="Root"/> is.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool ReadProcessor { get; init; } = true;
}
