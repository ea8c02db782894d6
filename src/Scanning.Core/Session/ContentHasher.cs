using System.Security.Cryptography;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Hashes contents on one thread. Holes are hashed without being read.</summary>
internal sealed class ContentHasher : IDisposable
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Hashes a whole content.</summary>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public ContentHash Hash(ScanContent content, CancellationToken cancellationToken)
    {
        Span<byte> hash = stackalloc byte[ContentHash.Size];
        try
        {
            ContentPass.Run(content, (_, bytes) => _sha256.AppendData(bytes), HoleHandling.HandOnZeros, cancellationToken);
        }
        finally
        {
            // Also what a content that broke off left behind.
            _sha256.GetHashAndReset(hash);
        }

        return new ContentHash(hash);
    }

    public void Dispose() => _sha256.Dispose();
}
