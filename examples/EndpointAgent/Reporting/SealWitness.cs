using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Management.Client;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Tells which recalled contents this machine has under a seal. Whom the cache's word let skip is known to the cache.</summary>
internal sealed class SealWitness(CurrentProtection protection) : IRecallWitness
{
    /// <summary>A policy recalls so many contents at most; an image that has more of them is to be thrown away.</summary>
    private const int MaxFound = 100_000;

    public async ValueTask<IReadOnlyList<RelianceDocument>> FindAsync(IReadOnlyList<ContentHash> recalled, CancellationToken cancellationToken)
    {
        Protection use = protection.Use();
        try
        {
            HashSet<ContentHash> wanted = [.. recalled];
            return await Task.Run(() => Find(wanted, use.Seals.Images, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            use.Release();
        }
    }

    private static List<RelianceDocument> Find(HashSet<ContentHash> recalled, IEnumerable<SealedImage> images, CancellationToken cancellationToken)
    {
        List<RelianceDocument> found = [];
        foreach (SealedImage image in images)
        {
            foreach (SealEntry entry in image.Seal.Entries())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (recalled.Contains(entry.Hash) && found.Count < MaxFound)
                {
                    found.Add(new RelianceDocument
                    {
                        Hash = entry.Hash,
                        Exemption = ImageExemption.ExemptionName,
                        SealId = image.Seal.Id,
                        ImageId = image.Seal.ImageId.ToString(),
                        Location = WireText.Cut(entry.Path, WireLimits.MaxLocation),
                    });
                }
            }
        }

        return found;
    }
}
