namespace Symantec.Virtualization.DiskImages.FileSystems;

/// <summary>Passes on the faults of a volume up to a number and counts the rest: a hostile volume has more of them than anybody can keep.</summary>
/// <param name="onFault">Is told.</param>
internal sealed class FaultLimit(Action<ImageFault> onFault)
{
    /// <summary>How many faults of a volume are passed on.</summary>
    public const int MaxFaults = 1000;

    private long _count;

    public void Add(ImageFault fault)
    {
        if (++_count <= MaxFaults)
        {
            onFault(fault);
        }
    }

    /// <summary>Says how many faults there were beyond those that were passed on.</summary>
    public void Finish()
    {
        if (_count > MaxFaults)
        {
            onFault(new ImageFault(ImageFaultKind.LimitExceeded, "Volume", "", 0, $"{_count - MaxFaults} more faults follow the first {MaxFaults}"));
        }
    }
}
