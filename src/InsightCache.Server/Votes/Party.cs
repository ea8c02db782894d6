using System.Runtime.InteropServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>A client's part in a content that is not clean yet: it has voted, or it scans the content under a lease.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct Party
{
    /// <summary>Whose word it is; the highest bit says that this word alone is enough.</summary>
    public uint Voter;

    /// <summary>Which of the machines that share these credentials holds the lease.</summary>
    public uint Holder;

    /// <summary>The second at which the lease ends; 0 once it has voted.</summary>
    public uint Deadline;

    public const uint Trusted = 1u << 31;

    public readonly bool IsTrusted => (Voter & Trusted) != 0;

    public readonly bool HasVoted => Deadline == 0;

    public readonly bool IsScanning(uint second) => Deadline > second;
}
