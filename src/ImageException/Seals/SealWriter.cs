using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>Writes seals: beside the place where they belong, and renamed into it when they are on the disk.</summary>
internal static unsafe class SealWriter
{
    private const int BufferSize = 1 << 20;

    /// <summary>Writes and signs a seal.</summary>
    /// <param name="path">Where it belongs.</param>
    /// <param name="header">What it is; the parts' lengths, the root and the key are filled in.</param>
    /// <param name="entries">The entries, by their numbers.</param>
    /// <param name="facts">What it says of the image.</param>
    /// <param name="key">What signs it.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, SealHeader header, IReadOnlyList<SealRecord> entries, SealFacts facts, SealKey key)
    {
        byte[] factBytes = JsonSerializer.SerializeToUtf8Bytes(facts, SealFactsJson.Default.SealFacts);
        uint count = checked((uint)entries.Count);
        if (count > SealLayout.MaxEntries || factBytes.Length > SealLayout.MaxFactsLength)
        {
            throw new IOException($"A seal holds at most {SealLayout.MaxEntries:N0} files.");
        }

        header = header with { EntryCount = count, SlotCount = SealLayout.SlotsFor(count), FactsLength = factBytes.Length };
        string partial = $"{path}.writing";
        using (FileStream file = new(partial, FileMode.Create, FileAccess.ReadWrite, FileShare.None, BufferSize))
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(partial, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            }

            file.Write(new byte[SealLayout.HeaderSize]);
            long paths = WriteEntries(file, entries);
            WriteSlots(file, entries, header.SlotCount);
            WritePaths(file, entries);
            file.Write(factBytes);
            file.Flush();
            Sign(file, header with { PathsLength = paths }, key);
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
    }

    private static long WriteEntries(FileStream file, IReadOnlyList<SealRecord> entries)
    {
        long offset = 0;
        Span<byte> bytes = stackalloc byte[SealLayout.EntrySize];
        foreach (SealRecord entry in entries)
        {
            FileIdentity identity = entry.Identity;
            BinaryPrimitives.WriteUInt128LittleEndian(bytes[SealLayout.Entry.FileId..], identity.FileId);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[SealLayout.Entry.Size..], identity.Size);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[SealLayout.Entry.Modified..], SealEntry.Ticks(identity.Modified));
            BinaryPrimitives.WriteInt64LittleEndian(bytes[SealLayout.Entry.Changed..], SealEntry.Ticks(identity.Changed));
            BinaryPrimitives.WriteInt64LittleEndian(bytes[SealLayout.Entry.Created..], SealEntry.Ticks(identity.Created));
            BinaryPrimitives.WriteInt64LittleEndian(bytes[SealLayout.Entry.LastUsn..], identity.LastUsn);
            entry.Hash.CopyTo(bytes[SealLayout.Entry.Hash..]);
            if (offset > uint.MaxValue)
            {
                throw new IOException("The paths of a seal are at most 4 GiB together.");
            }

            BinaryPrimitives.WriteUInt32LittleEndian(bytes[SealLayout.Entry.PathOffset..], (uint)offset);
            bytes[SealLayout.Entry.Volume] = checked((byte)entry.Volume);
            bytes[SealLayout.Entry.Flags] = (byte)FlagsOf(entry);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[SealLayout.Entry.Scope..], checked((ushort)entry.Scope));
            file.Write(bytes);
            offset += sizeof(ushort) + PathLength(entry.Path);
        }

        return offset;
    }

    private static EntryFlags FlagsOf(SealRecord entry)
        => (entry.Identity.IsChangedGuarded ? EntryFlags.Guarded : EntryFlags.None)
            | (entry.IsVoid ? EntryFlags.Void : EntryFlags.None)
            | (entry.IsMarked ? EntryFlags.Marked : EntryFlags.None);

    private static void WriteSlots(FileStream file, IReadOnlyList<SealRecord> entries, uint count)
    {
        uint[] slots = new uint[count];
        for (int i = 0; i < entries.Count; i++)
        {
            uint slot = SealLayout.SlotOf(checked((byte)entries[i].Volume), entries[i].Identity.FileId, count);
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & (count - 1);
            }

            slots[slot] = (uint)i + 1;
        }

        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(slots, slots);
        }

        file.Write(MemoryMarshal.AsBytes(slots.AsSpan()));
    }

    private static void WritePaths(FileStream file, IReadOnlyList<SealRecord> entries)
    {
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        byte[] bytes = new byte[SealLayout.MaxPathLength * 3];
        foreach (SealRecord entry in entries)
        {
            int size = PathLength(entry.Path);
            Encoding.UTF8.GetBytes(entry.Path.AsSpan(0, Math.Min(entry.Path.Length, SealLayout.MaxPathLength)), bytes);
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)size);
            file.Write(length);
            file.Write(bytes, 0, size);
        }
    }

    /// <summary>A path is for people to read: one that is too long is cut off.</summary>
    private static int PathLength(string path)
        => Math.Min(Encoding.UTF8.GetByteCount(path.AsSpan(0, Math.Min(path.Length, SealLayout.MaxPathLength))), SealLayout.MaxPathLength);

    private static void Sign(FileStream file, SealHeader header, SealKey key)
    {
        ContentHash root;
        using (MemoryMappedFile map = MemoryMappedFile.CreateFromFile(file, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true))
        using (MemoryMappedViewAccessor view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read))
        {
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            try
            {
                root = MerkleTree.RootOf(start + SealLayout.HeaderSize, header.Length - SealLayout.HeaderSize);
            }
            finally
            {
                view.SafeMemoryMappedViewHandle.ReleasePointer();
            }
        }

        Span<byte> bytes = stackalloc byte[SealLayout.HeaderSize];
        (header with { Root = root, KeyId = key.PublicKey.Id }).Write(bytes);
        key.Sign(bytes[..SealLayout.SignedSize], bytes.Slice(SealLayout.Header.Signature, SealLayout.SignatureSize));
        file.Position = 0;
        file.Write(bytes);
    }
}

/// <summary>An entry on its way into a seal.</summary>
internal sealed class SealRecord
{
    public required FileIdentity Identity { get; set; }

    public required ContentHash Hash { get; init; }

    public required string Path { get; init; }

    public required int Volume { get; init; }

    public required int Scope { get; init; }

    public bool IsVoid { get; set; }

    /// <summary>Gets or sets a value indicating whether the file bears its mark, and has the identity that it got by that.</summary>
    public bool IsMarked { get; set; }
}
