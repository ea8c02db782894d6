using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Writes shared verdicts so that whoever can write to the engine, and does not know the cluster's secret, can make none, and can move none to another content or scope. Immutable, safe for concurrent use.</summary>
/// <remarks>
/// <code>
/// key    0 16  scope    the first half of the HMAC-SHA-256 over tenant, engine, profile and definitions
///       16 32  content
/// value  0  8  written  second from 1970 on at which it was last known not to be recalled, little-endian
///        8  8  expiry   second from 1970 on
///       16 16  seal     the first half of the HMAC-SHA-256 over key, written and expiry
/// </code>
/// </remarks>
internal sealed class SharedVerdictSeal(byte[] secret)
{
    private const int ScopeSize = 16;
    private const int SealAt = 16;
    private const int ValueSize = 32;

    private readonly byte[] _scopeKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, SHA256.HashSizeInBytes, info: "insight cache shared scope"u8.ToArray());
    private readonly byte[] _valueKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, SHA256.HashSizeInBytes, info: "insight cache shared verdict"u8.ToArray());

    /// <summary>Names the scope of verdicts: what they were reached with.</summary>
    public byte[] ScopeOf(Lane lane, Generation generation)
    {
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _scopeKey);
        foreach (string name in (ReadOnlySpan<string>)[lane.Tenant, lane.Engine, lane.Profile, generation.Stamp.ToString()])
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            byte[] length = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset()[..ScopeSize];
    }

    /// <summary>Makes the key of a content.</summary>
    public static SharedVerdictKey KeyOf(byte[] scope, ReadOnlySpan<byte> content)
    {
        byte[] key = new byte[ScopeSize + ContentHash.Size];
        scope.CopyTo(key, 0);
        content.CopyTo(key.AsSpan(ScopeSize));
        return new SharedVerdictKey(BinaryPrimitives.ReadUInt16BigEndian(content) >> 4, key);
    }

    public byte[] Seal(SharedVerdictKey key, DateTimeOffset written, DateTimeOffset expiry)
    {
        byte[] value = new byte[ValueSize];
        BinaryPrimitives.WriteInt64LittleEndian(value, written.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(8), expiry.ToUnixTimeSeconds());
        Compute(key, value, value.AsSpan(SealAt));
        return value;
    }

    /// <returns><see langword="false"/> if no server of the cluster has written the value for this key.</returns>
    public bool TryOpen(SharedVerdictKey key, ReadOnlySpan<byte> value, out DateTimeOffset written, out DateTimeOffset expiry)
    {
        written = default;
        expiry = default;
        if (value.Length != ValueSize)
        {
            return false;
        }

        Span<byte> seal = stackalloc byte[ValueSize - SealAt];
        Compute(key, value, seal);
        if (!CryptographicOperations.FixedTimeEquals(seal, value[SealAt..]))
        {
            return false;
        }

        written = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64LittleEndian(value));
        expiry = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64LittleEndian(value[8..]));
        return true;
    }

    private void Compute(SharedVerdictKey key, ReadOnlySpan<byte> value, Span<byte> seal)
    {
        Span<byte> content = stackalloc byte[ScopeSize + ContentHash.Size + SealAt];
        key.Bytes.Span.CopyTo(content);
        value[..SealAt].CopyTo(content[^SealAt..]);
        Span<byte> full = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_valueKey, content, full);
        full[..seal.Length].CopyTo(seal);
    }
}
