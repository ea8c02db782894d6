namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What may still be taken from archives for one file that is scanned; all depths share it.</summary>
internal sealed class ArchiveBudget(ArchiveLimits limits, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private int _depth;
    private int _members;
    private long _bytes;

    public ArchiveLimits Limits { get; } = limits;

    /// <summary>Gets which limit was reached, so that nothing more may be taken; <see langword="null"/> if none was.</summary>
    public string? Exhausted { get; private set; }

    /// <summary>Goes one archive deeper.</summary>
    /// <returns><see langword="false"/> if that is too deep; then there is nothing to leave.</returns>
    public bool TryEnter()
    {
        if (_depth >= Limits.MaxDepth)
        {
            return false;
        }

        _depth++;
        return true;
    }

    public void Leave() => _depth--;

    /// <summary>Takes one member.</summary>
    /// <returns><see langword="false"/> if some limit is reached.</returns>
    public bool TakeMember()
    {
        if (_members >= Limits.MaxMembers)
        {
            Exhausted ??= $"more than {Limits.MaxMembers:N0} members";
        }

        _members++;
        return HasTime();
    }

    /// <summary>Takes bytes that were unpacked.</summary>
    /// <returns><see langword="false"/> if some limit is reached.</returns>
    public bool TakeBytes(int count)
    {
        _bytes += count;
        if (_bytes > Limits.MaxTotalLength)
        {
            Exhausted ??= $"more than {Limits.MaxTotalLength:N0} bytes unpacked";
        }

        return HasTime();
    }

    /// <summary>Tells whether no limit is reached, that of time included.</summary>
    public bool HasTime()
    {
        if (Exhausted is null && time.GetElapsedTime(_start) > Limits.MaxTime)
        {
            Exhausted = $"more than {Limits.MaxTime.TotalSeconds:N0} seconds of unpacking";
        }

        return Exhausted is null;
    }
}
