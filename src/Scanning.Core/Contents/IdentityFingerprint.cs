using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Makes 16 bytes of an identity, with a key: whoever chooses names and times of files cannot choose two that look the same.</summary>
internal static class IdentityFingerprint
{
    private const int Fixed = 16 + 8 + (3 * 9) + 8 + 8;

    /// <summary>Makes the fingerprint of every part of an identity; never 0.</summary>
    public static UInt128 Of(FileIdentity identity, ReadOnlySpan<byte> key)
    {
        int length = Fixed + Encoding.UTF8.GetByteCount(identity.Volume);
        Span<byte> bytes = length <= 512 ? stackalloc byte[length] : new byte[length];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, identity.FileId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], identity.Size);
        Write(bytes[24..], identity.Created);
        Write(bytes[33..], identity.Modified);
        Write(bytes[42..], identity.Changed);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[51..], identity.JournalId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[59..], identity.LastUsn);
        Encoding.UTF8.GetBytes(identity.Volume, bytes[Fixed..]);
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, bytes, digest);
        UInt128 fingerprint = BinaryPrimitives.ReadUInt128LittleEndian(digest);
        return fingerprint == UInt128.Zero ? UInt128.One : fingerprint;
    }

    private static void Write(Span<byte> bytes, DateTime? time)
    {
        bytes[0] = time is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[1..], time?.Ticks ?? 0);
    }
}
