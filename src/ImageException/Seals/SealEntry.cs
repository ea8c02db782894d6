using System.Buffers.Binary;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>A sealed file, read where the catalogue is mapped. It is of no use once the seal is disposed.</summary>
public readonly unsafe struct SealEntry
{
    private readonly Seal _seal;
    private readonly uint _number;

    internal SealEntry(Seal seal, uint number) => (_seal, _number) = (seal, number);

    /// <summary>Gets the number by which the file's mark names the entry.</summary>
    public int Number => (int)_number;

    /// <summary>Gets the file's number on its volume.</summary>
    public UInt128 FileId => BinaryPrimitives.ReadUInt128LittleEndian(Field(SealLayout.Entry.FileId, 16));

    /// <summary>Gets the size in bytes.</summary>
    public long Size => I64(SealLayout.Entry.Size);

    /// <summary>Gets the hash of the content.</summary>
    public ContentHash Hash => new(Field(SealLayout.Entry.Hash, ContentHash.Size));

    /// <summary>Gets the path below the sealed folder, with <c>/</c> between its parts. It may hold names that somebody hostile chose.</summary>
    public string Path => _seal.PathAt(BinaryPrimitives.ReadUInt32LittleEndian(Field(SealLayout.Entry.PathOffset, sizeof(uint))));

    /// <summary>Gets the engine and definitions that found it clean.</summary>
    public VerdictScope? Scope => _seal.ScopeAt(ScopeIndex);

    /// <summary>Gets a value indicating whether the file was withdrawn: it changed while it was sealed, or is gone.</summary>
    public bool IsVoid => Flags.HasFlag(EntryFlags.Void);

    /// <summary>Gets the file's identity as it was sealed.</summary>
    public FileIdentity Identity => new()
    {
        Volume = _seal.VolumeAt(VolumeIndex)?.Name ?? "",
        FileId = FileId,
        Size = Size,
        Created = Time(SealLayout.Entry.Created),
        Modified = Time(SealLayout.Entry.Modified),
        Changed = Time(SealLayout.Entry.Changed),
        IsChangedGuarded = Flags.HasFlag(EntryFlags.Guarded),
        JournalId = _seal.VolumeAt(VolumeIndex)?.JournalId ?? 0,
        LastUsn = I64(SealLayout.Entry.LastUsn),
    };

    /// <summary>Gets a value indicating whether the file bears a mark, and was sealed with it on.</summary>
    public bool IsMarked => Flags.HasFlag(EntryFlags.Marked);

    internal int VolumeIndex => Field(SealLayout.Entry.Volume, 1)[0];

    internal int ScopeIndex => BinaryPrimitives.ReadUInt16LittleEndian(Field(SealLayout.Entry.Scope, sizeof(ushort)));

    internal EntryFlags Flags => (EntryFlags)Field(SealLayout.Entry.Flags, 1)[0];

    /// <summary>Gets a value indicating whether a change would show in what was sealed of the file's identity; see <see cref="FileIdentity.ShowsEveryChange"/>.</summary>
    internal bool ShowsEveryChange
        => (Flags.HasFlag(EntryFlags.Guarded) && I64(SealLayout.Entry.Changed) != SealLayout.NoTime)
            || (I64(SealLayout.Entry.LastUsn) != 0 && _seal.VolumeAt(VolumeIndex)?.JournalId is > 0);

    /// <summary>Tells whether a file's times and its place in the journal are the sealed ones. Size and number are other questions.</summary>
    internal bool HasTimesOf(FileIdentity identity)
        => I64(SealLayout.Entry.Changed) == Ticks(identity.Changed)
            && I64(SealLayout.Entry.Modified) == Ticks(identity.Modified)
            && I64(SealLayout.Entry.Created) == Ticks(identity.Created)
            && I64(SealLayout.Entry.LastUsn) == identity.LastUsn
            && (_seal.VolumeAt(VolumeIndex)?.JournalId ?? 0) == identity.JournalId;

    internal static long Ticks(DateTime? time) => time is { } known ? known.ToUniversalTime().Ticks : SealLayout.NoTime;

    private DateTime? Time(int offset) => I64(offset) is >= 0 and <= 3_155_378_975_999_999_999 and long ticks ? new DateTime(ticks, DateTimeKind.Utc) : null;

    private long I64(int offset) => BinaryPrimitives.ReadInt64LittleEndian(Field(offset, sizeof(long)));

    private ReadOnlySpan<byte> Field(int offset, int size) => new(_seal.EntryStart(_number) + offset, size);
}
