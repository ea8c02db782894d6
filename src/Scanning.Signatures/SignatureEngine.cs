using System.Security.Cryptography;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The built-in engine: managed code, no native library, nothing to install.</summary>
/// <remarks>
/// A content is hashed only if some signature is for files of its size. All others are read through once, holes left out, because clean means that every
/// byte was there to be read. Safe for concurrent use.
/// </remarks>
/// <param name="database">The definitions.</param>
public sealed class SignatureEngine(SignatureDatabase database) : IScanEngine
{
    /// <summary>The engine's name.</summary>
    public const string EngineName = "built-in";

    private static readonly HashAlgorithmKind[] Algorithms = [HashAlgorithmKind.Md5, HashAlgorithmKind.Sha1, HashAlgorithmKind.Sha256];

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public DefinitionSet Definitions => database.Definitions;

    /// <inheritdoc/>
    public ScanProfile Profile => ScanProfile.None;

    /// <inheritdoc/>
    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);

        // An empty file holds nothing to find, also where a signature is for the hash of nothing: ClamAV scans none either.
        try
        {
            Verdict verdict = content.Length == 0 ? Verdict.Clean : ScanHashes(content, hash, cancellationToken);
            if (verdict.Kind == VerdictKind.Clean && EicarTestFile.Matches(content))
            {
                // Behind the definitions, which may have a name of their own for it.
                verdict = Verdict.Infected(EicarTestFile.ThreatName);
            }

            return new EngineVerdict(verdict, database.Definitions);
        }
        catch (ScanLimitException e)
        {
            return new EngineVerdict(Verdict.Incomplete(e.Message), database.Definitions);
        }
    }

    private Verdict ScanHashes(ScanContent content, ContentHash? known, CancellationToken cancellationToken)
    {
        Span<byte> digest = stackalloc byte[ContentHash.Size];
        if (known is { } sha256 && database.CanMatch(HashAlgorithmKind.Sha256, content.Length))
        {
            sha256.CopyTo(digest);
            if (database.Find(HashAlgorithmKind.Sha256, digest, content.Length) is { } name)
            {
                return Verdict.Infected(name);
            }
        }

        HashAlgorithmKind[] wanted = Array.FindAll(
            Algorithms, algorithm => database.CanMatch(algorithm, content.Length) && !(known is not null && algorithm == HashAlgorithmKind.Sha256));
        if (known is not null && wanted.Length == 0)
        {
            // Whoever computed the hash has read every byte.
            return Verdict.Clean;
        }

        IncrementalHash[] hashes = [.. wanted.Select(static algorithm => IncrementalHash.CreateHash(NameOf(algorithm)))];
        try
        {
            ContentPass.Run(content, Append, hashes.Length == 0 ? HoleHandling.Skip : HoleHandling.HandOnZeros, cancellationToken);
            for (int i = 0; i < wanted.Length; i++)
            {
                int size = hashes[i].GetHashAndReset(digest);
                if (database.Find(wanted[i], digest[..size], content.Length) is { } name)
                {
                    return Verdict.Infected(name);
                }
            }

            return Verdict.Clean;
        }
        finally
        {
            Array.ForEach(hashes, static hash => hash.Dispose());
        }

        void Append(long offset, ReadOnlySpan<byte> bytes)
        {
            foreach (IncrementalHash hash in hashes)
            {
                hash.AppendData(bytes);
            }
        }
    }

    private static HashAlgorithmName NameOf(HashAlgorithmKind algorithm) => algorithm switch
    {
        HashAlgorithmKind.Md5 => HashAlgorithmName.MD5,
        HashAlgorithmKind.Sha1 => HashAlgorithmName.SHA1,
        _ => HashAlgorithmName.SHA256,
    };
}
