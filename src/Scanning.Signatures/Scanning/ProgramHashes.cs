using System.Buffers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Looks up the hashes of a Windows program's sections, and of what it imports.</summary>
internal static class ProgramHashes
{
    private const int WindowSize = 64 << 10;

    private static readonly HashAlgorithmKind[] Algorithms = [HashAlgorithmKind.Md5, HashAlgorithmKind.Sha1, HashAlgorithmKind.Sha256];

    /// <summary>Scans a content, if it is a Windows program.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static void Scan(ScannedContent scanned, DefinitionTables tables, Action<string> onThreat, CancellationToken cancellationToken)
    {
        if (scanned.Layout is not { Target: ContentTarget.Pe } layout)
        {
            return;
        }

        if (tables.Sections.Count > 0)
        {
            foreach (ExecutableSection section in layout.Sections)
            {
                if (FindSection(scanned.Content, section, tables.Sections, cancellationToken) is { } name)
                {
                    onThreat(name);
                }
            }
        }

        if (tables.Imports.Count > 0 && ImportHash.Compute(scanned.Content, layout) is { } imports
            && tables.Imports.Find(HashAlgorithmKind.Md5, imports.Md5, imports.Length) is { } threat)
        {
            onThreat(threat);
        }
    }

    private static string? FindSection(ScanContent content, ExecutableSection section, HashTables known, CancellationToken cancellationToken)
    {
        HashAlgorithmKind[] wanted = Array.FindAll(Algorithms, algorithm => section.RawSize > 0 && known.CanMatch(algorithm, section.RawSize));
        if (wanted.Length == 0 || section.RawOffset + section.RawSize > content.Length)
        {
            return null;
        }

        using ContentDigests digests = new(wanted);
        byte[] window = ArrayPool<byte>.Shared.Rent(WindowSize);
        try
        {
            for (long done = 0; done < section.RawSize;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int read = content.Read(section.RawOffset + done, window.AsSpan(0, (int)Math.Min(window.Length, section.RawSize - done)));
                digests.Append(window.AsSpan(0, read));
                done += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }

        return digests.Find(known, section.RawSize);
    }
}
