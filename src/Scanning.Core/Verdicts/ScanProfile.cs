using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>The scan options that can change a verdict (archives, limits, unwanted programs), as a short digest.</summary>
/// <remarks>Two scans with different profiles never share a remembered verdict.</remarks>
/// <param name="Digest">The digest: 16 hexadecimal digits, or empty where there is nothing to choose.</param>
public readonly record struct ScanProfile(string Digest)
{
    /// <summary>Gets the profile of an engine that has no options.</summary>
    public static ScanProfile None { get; } = new("");

    /// <summary>Makes the profile of some options.</summary>
    /// <param name="options">The options' names and values; their order does not matter.</param>
    /// <returns>The profile.</returns>
    public static ScanProfile Of(IEnumerable<KeyValuePair<string, string>> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, string value) in options.OrderBy(static option => option.Key, StringComparer.Ordinal))
        {
            // Lengths in front, so that no two lists of options are the same bytes.
            Append(hash, name);
            Append(hash, value);
        }

        return new ScanProfile(Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8)));
    }

    private static void Append(IncrementalHash hash, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
