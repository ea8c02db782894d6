using System.Buffers.Binary;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>The beginning of a seal: what it is, how long its parts are, the root over them, and the signature over all that.</summary>
internal sealed record SealHeader
{
    public required SealFlags Flags { get; init; }

    public required Guid SealId { get; init; }

    public required Guid ImageId { get; init; }

    public required long Number { get; init; }

    public required DateTimeOffset SealedAt { get; init; }

    public required uint EntryCount { get; init; }

    public required uint SlotCount { get; init; }

    public required long PathsLength { get; init; }

    public required int FactsLength { get; init; }

    public ContentHash Root { get; init; }

    public ContentHash KeyId { get; init; }

    public static long EntriesAt => SealLayout.HeaderSize;

    public long SlotsAt => EntriesAt + ((long)EntryCount * SealLayout.EntrySize);

    public long PathsAt => SlotsAt + ((long)SlotCount * SealLayout.SlotSize);

    public long FactsAt => PathsAt + PathsLength;

    public long Length => FactsAt + FactsLength;

    /// <summary>Reads a header. Whether it is believed is another question: the signature tells.</summary>
    /// <param name="bytes">The file's first bytes.</param>
    /// <param name="fileLength">The file's length.</param>
    /// <exception cref="SealException">It is none, or its parts do not fit.</exception>
    public static SealHeader Parse(ReadOnlySpan<byte> bytes, long fileLength)
    {
        if (bytes.Length < SealLayout.HeaderSize)
        {
            throw bytes.StartsWith(SealLayout.Magic[..Math.Min(bytes.Length, SealLayout.Magic.Length)]) && bytes.Length > 0
                ? new SealException(SealRefusal.Truncated, $"Header at 0x0: needs {SealLayout.HeaderSize} bytes, {bytes.Length} are there")
                : new SealException(SealRefusal.NotASeal, "Header.Magic at 0x0: the file is no seal");
        }

        if (!bytes.StartsWith(SealLayout.Magic))
        {
            throw new SealException(SealRefusal.NotASeal, "Header.Magic at 0x0: the file is no seal");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[SealLayout.Header.Version..]);
        Require(version == SealLayout.Version, "Version", SealLayout.Header.Version, $"{version} is not {SealLayout.Version}, the only version that is known here");
        uint entries = BinaryPrimitives.ReadUInt32LittleEndian(bytes[SealLayout.Header.EntryCount..]);
        Require(entries <= SealLayout.MaxEntries, "EntryCount", SealLayout.Header.EntryCount, $"{entries:N0} are more than {SealLayout.MaxEntries:N0}");
        uint slots = BinaryPrimitives.ReadUInt32LittleEndian(bytes[SealLayout.Header.SlotCount..]);
        Require(slots == SealLayout.SlotsFor(entries), "SlotCount", SealLayout.Header.SlotCount, $"{slots:N0} are not the {SealLayout.SlotsFor(entries):N0} for {entries:N0} entries");
        long paths = BinaryPrimitives.ReadInt64LittleEndian(bytes[SealLayout.Header.PathsLength..]);
        Require(paths is >= 0 and <= uint.MaxValue, "PathsLength", SealLayout.Header.PathsLength, $"{paths} is not from 0 to {uint.MaxValue:N0}");
        long facts = BinaryPrimitives.ReadInt64LittleEndian(bytes[SealLayout.Header.FactsLength..]);
        Require(facts is > 0 and <= SealLayout.MaxFactsLength, "FactsLength", SealLayout.Header.FactsLength, $"{facts} is not from 1 to {SealLayout.MaxFactsLength:N0}");
        long number = BinaryPrimitives.ReadInt64LittleEndian(bytes[SealLayout.Header.Number..]);
        Require(number > 0, "Number", SealLayout.Header.Number, $"{number} is not from 1 on");
        long ticks = BinaryPrimitives.ReadInt64LittleEndian(bytes[SealLayout.Header.SealedAt..]);
        Require(ticks >= 0 && ticks <= DateTime.MaxValue.Ticks, "SealedAt", SealLayout.Header.SealedAt, $"{ticks} is no time");
        SealHeader header = new()
        {
            Flags = (SealFlags)BinaryPrimitives.ReadUInt32LittleEndian(bytes[SealLayout.Header.Flags..]),
            SealId = new Guid(bytes.Slice(SealLayout.Header.SealId, 16)),
            ImageId = new Guid(bytes.Slice(SealLayout.Header.ImageId, 16)),
            Number = number,
            SealedAt = new DateTimeOffset(ticks, TimeSpan.Zero),
            EntryCount = entries,
            SlotCount = slots,
            PathsLength = paths,
            FactsLength = (int)facts,
            Root = new ContentHash(bytes.Slice(SealLayout.Header.Root, ContentHash.Size)),
            KeyId = new ContentHash(bytes.Slice(SealLayout.Header.KeyId, ContentHash.Size)),
        };
        return header.Length <= fileLength ? header
            : throw new SealException(SealRefusal.Truncated, $"the file has {fileLength:N0} bytes, and the seal needs {header.Length:N0}");
    }

    /// <summary>Writes the header without its signature.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[..SealLayout.HeaderSize].Clear();
        SealLayout.Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[SealLayout.Header.Version..], SealLayout.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[SealLayout.Header.Flags..], (uint)Flags);
        SealId.TryWriteBytes(bytes[SealLayout.Header.SealId..]);
        ImageId.TryWriteBytes(bytes[SealLayout.Header.ImageId..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SealLayout.Header.Number..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SealLayout.Header.SealedAt..], SealedAt.UtcTicks);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[SealLayout.Header.EntryCount..], EntryCount);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[SealLayout.Header.SlotCount..], SlotCount);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SealLayout.Header.PathsLength..], PathsLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[SealLayout.Header.FactsLength..], FactsLength);
        Root.CopyTo(bytes[SealLayout.Header.Root..]);
        KeyId.CopyTo(bytes[SealLayout.Header.KeyId..]);
    }

    private static void Require(bool holds, string field, int offset, string detail)
    {
        if (!holds)
        {
            throw new SealException(SealRefusal.NotASeal, $"Header.{field} at 0x{offset:x}: {detail}");
        }
    }
}
