using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>The SHA-256 of a file's whole content: the only identity of a content that crosses machines. A value of 32 bytes.</summary>
/// <remarks>Values are ordered as their hexadecimal forms are. The default value is 32 zero bytes, which is the hash of nothing known.</remarks>
[JsonConverter(typeof(ContentHashJsonConverter))]
public readonly struct ContentHash : IEquatable<ContentHash>, IComparable<ContentHash>, ISpanParsable<ContentHash>
{
    /// <summary>The size of a hash in bytes.</summary>
    public const int Size = 32;

    private const int HexLength = 2 * Size;

    // Big-endian, so that numbers compare as the bytes do.
    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Initializes a new instance of the <see cref="ContentHash"/> struct from the bytes of a SHA-256.</summary>
    /// <param name="hash">The 32 bytes.</param>
    /// <exception cref="ArgumentException">There are more or fewer than 32 bytes.</exception>
    public ContentHash(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != Size)
        {
            throw new ArgumentException($"A content hash has {Size} bytes, and these are {hash.Length}.", nameof(hash));
        }

        _a = BinaryPrimitives.ReadUInt64BigEndian(hash);
        _b = BinaryPrimitives.ReadUInt64BigEndian(hash[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(hash[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(hash[24..]);
    }

    /// <summary>Tells whether two hashes are the same.</summary>
    public static bool operator ==(ContentHash left, ContentHash right) => left.Equals(right);

    /// <summary>Tells whether two hashes differ.</summary>
    public static bool operator !=(ContentHash left, ContentHash right) => !left.Equals(right);

    /// <summary>Tells whether a hash stands in front of another.</summary>
    public static bool operator <(ContentHash left, ContentHash right) => left.CompareTo(right) < 0;

    /// <summary>Tells whether a hash stands behind another.</summary>
    public static bool operator >(ContentHash left, ContentHash right) => left.CompareTo(right) > 0;

    /// <summary>Tells whether a hash stands in front of another or is the same.</summary>
    public static bool operator <=(ContentHash left, ContentHash right) => left.CompareTo(right) <= 0;

    /// <summary>Tells whether a hash stands behind another or is the same.</summary>
    public static bool operator >=(ContentHash left, ContentHash right) => left.CompareTo(right) >= 0;

    /// <summary>Computes the hash of a content that is in memory.</summary>
    /// <param name="content">The whole content.</param>
    /// <returns>Its hash.</returns>
    public static ContentHash Compute(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(content, hash);
        return new ContentHash(hash);
    }

    /// <summary>Reads a hash from 64 hexadecimal digits of either case.</summary>
    /// <param name="s">The digits.</param>
    /// <param name="provider">Not used.</param>
    /// <returns>The hash.</returns>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static ContentHash Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) => TryParse(s, provider, out ContentHash hash)
        ? hash
        : throw new FormatException($"A content hash is written as {HexLength} hexadecimal digits.");

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static ContentHash Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <summary>Reads a hash from 64 hexadecimal digits of either case.</summary>
    /// <param name="s">The digits.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The hash.</param>
    /// <returns><see langword="false"/> if the text is anything else.</returns>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ContentHash result)
    {
        Span<byte> hash = stackalloc byte[Size];
        bool parsed = s.Length == HexLength && Convert.FromHexString(s, hash, out _, out _) == System.Buffers.OperationStatus.Done;
        result = parsed ? new ContentHash(hash) : default;
        return parsed;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, IFormatProvider?, out ContentHash)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ContentHash result)
        => TryParse(s.AsSpan(), provider, out result);

    /// <summary>Writes the 32 bytes.</summary>
    /// <param name="destination">Where they go.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for 32 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <inheritdoc/>
    public bool Equals(ContentHash other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ContentHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((int)(_a ^ (_a >> 32)));

    /// <inheritdoc/>
    public int CompareTo(ContentHash other)
    {
        int order = _a.CompareTo(other._a);
        order = order != 0 ? order : _b.CompareTo(other._b);
        order = order != 0 ? order : _c.CompareTo(other._c);
        return order != 0 ? order : _d.CompareTo(other._d);
    }

    /// <summary>Writes the hash as 64 lower-case hexadecimal digits.</summary>
    /// <returns>The digits.</returns>
    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[Size];
        CopyTo(hash);
        return Convert.ToHexStringLower(hash);
    }
}
