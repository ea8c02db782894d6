using System.Security.Cryptography;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The EICAR anti-malware test file: harmless, and agreed to be reported as a threat by every scanner.</summary>
/// <remarks>
/// Source: eicar.org, "Anti-malware test file": 68 known characters, alone or with white space behind them, up to 128 characters together. Only their
/// hash is kept here, since a program that contained the characters would itself be taken for the test file by simple scanners.
/// </remarks>
internal static class EicarTestFile
{
    /// <summary>The name by which ClamAV's definitions call it.</summary>
    public const string ThreatName = "Eicar-Test-Signature";

    /// <summary>The test file counts as one of the signatures in use.</summary>
    public const int SignatureCount = 1;

    public const int MaxLength = 128;

    private const int Length = 68;

    /// <summary>Gets the SHA-256 of the 68 characters.</summary>
    public static ContentHash Digest { get; } = ContentHash.Parse("275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f");

    /// <summary>Tells whether a content is the test file.</summary>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public static bool Matches(ScanContent content)
    {
        if (content.Length is < Length or > MaxLength)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[MaxLength];
        bytes = bytes[..content.Read(0, bytes)];
        Span<byte> hash = stackalloc byte[ContentHash.Size];
        SHA256.HashData(bytes[..Length], hash);
        return new ContentHash(hash) == Digest && !bytes[Length..].ContainsAnyExcept(" \t\r\n\x1A"u8);
    }
}
