using System.Buffers.Binary;
using System.IO.Hashing;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>The small value that a sealed file bears: of which image it is, and which entry of the seal is its own.</summary>
/// <remarks>
/// <para>It is a sign for people and tools, and proves nothing: what counts is the entry in the signed seal. To write it or to take it off moves the file's time of change, so that a file
/// whose mark is gone is no longer the one that was sealed.</para>
/// <para>On Linux it is the extended attribute <c>user.SymantecVirtualization.Mark</c>, on NTFS the named stream of the same name without <c>user.</c>.</para>
/// </remarks>
/// <param name="ImageId">What names the image through all its seals.</param>
/// <param name="Entry">The number of the file's entry.</param>
/// <param name="SealNumber">The number of the seal that the mark was written for.</param>
public readonly record struct Mark(Guid ImageId, int Entry, long SealNumber)
{
    /// <summary>The name of the attribute or stream.</summary>
    public const string Name = "SymantecVirtualization.Mark";

    /// <summary>The length of the value in bytes.</summary>
    public const int Size = 36;

    /// <summary>magic 4, image 16, number of the seal 8, entry 4, CRC-32 of all that 4.</summary>
    private static class At
    {
        public const int Image = 4;
        public const int Seal = 20;
        public const int Entry = 28;
        public const int Checksum = 32;
    }

    private static ReadOnlySpan<byte> Magic => "VIE1"u8;

    /// <summary>Reads a mark.</summary>
    /// <param name="bytes">The value.</param>
    /// <param name="mark">The mark.</param>
    /// <returns><see langword="false"/> if it is none.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out Mark mark)
    {
        mark = default;
        if (bytes.Length != Size || !bytes.StartsWith(Magic) || Crc32.HashToUInt32(bytes[..At.Checksum]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[At.Checksum..]))
        {
            return false;
        }

        int entry = BinaryPrimitives.ReadInt32LittleEndian(bytes[At.Entry..]);
        long seal = BinaryPrimitives.ReadInt64LittleEndian(bytes[At.Seal..]);
        mark = new Mark(new Guid(bytes.Slice(At.Image, 16)), entry, seal);
        return entry >= 0 && seal > 0;
    }

    /// <summary>Writes the mark.</summary>
    /// <param name="bytes">At least <see cref="Size"/> bytes.</param>
    public void Write(Span<byte> bytes)
    {
        Magic.CopyTo(bytes);
        ImageId.TryWriteBytes(bytes[At.Image..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[At.Seal..], SealNumber);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[At.Entry..], Entry);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[At.Checksum..], Crc32.HashToUInt32(bytes[..At.Checksum]));
    }

    /// <summary>Reads the mark that a file bears.</summary>
    /// <param name="content">The file.</param>
    /// <returns><see langword="null"/> if it bears none.</returns>
    /// <exception cref="IOException">That cannot be told.</exception>
    public static Mark? Of(ScanContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        Span<byte> bytes = stackalloc byte[Size];
        return content.Attributes is { } attributes && attributes.Read(Name, bytes) is Size && TryParse(bytes, out Mark mark) ? mark : null;
    }
}
