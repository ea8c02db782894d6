namespace Symantec.Virtualization.Scanning.Core;

/// <summary>What tells, without reading it, that a file is still the one it was: if any part moved, the file counts as another.</summary>
public sealed record FileIdentity
{
    /// <summary>Gets the volume: its serial number, which clones of an image share, or another name that is stable.</summary>
    public required string Volume { get; init; }

    /// <summary>Gets the number that names the file on its volume: an inode, or an NTFS file reference.</summary>
    public required UInt128 FileId { get; init; }

    /// <summary>Gets the size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Gets when the file came into being; <see langword="null"/> where the file system does not keep it.</summary>
    public DateTime? Created { get; init; }

    /// <summary>Gets when the content last changed, or what somebody set since.</summary>
    public DateTime? Modified { get; init; }

    /// <summary>Gets when the content or the properties last changed; on NTFS a user can set it as well.</summary>
    public DateTime? Changed { get; init; }

    /// <summary>Gets a value indicating whether the system alone moves <see cref="Changed"/>, as Linux does, and no user can set it back.</summary>
    public bool IsChangedGuarded { get; init; }

    /// <summary>Gets the identifier of the volume's change journal, on NTFS; 0 where there is none.</summary>
    public ulong JournalId { get; init; }

    /// <summary>Gets the file's last update sequence number in that journal; 0 where there is none.</summary>
    public long LastUsn { get; init; }

    /// <summary>Gets a value indicating whether every change of the content moves a part of the identity that users cannot move back: a guarded time of change, or a place in the journal.</summary>
    public bool ShowsEveryChange => (IsChangedGuarded && Changed is not null) || (JournalId != 0 && LastUsn != 0);

    /// <summary>The times of FAT, the coarsest that there are, are even seconds.</summary>
    private static readonly TimeSpan Granularity = TimeSpan.FromSeconds(2);

    /// <summary>Tells whether the file was left alone for so long that its times would differ had it changed since: within the granularity of a clock, two changes look like one.</summary>
    /// <param name="now">When the identity was taken.</param>
    internal bool IsSettledAt(DateTimeOffset now)
    {
        DateTime settled = now.UtcDateTime - Granularity;
        return IsBefore(Changed, settled) && IsBefore(Modified, settled);
    }

    private static bool IsBefore(DateTime? time, DateTime limit)
        => time is not { } known || (known.Kind == DateTimeKind.Local ? known.ToUniversalTime() : known) < limit;
}
