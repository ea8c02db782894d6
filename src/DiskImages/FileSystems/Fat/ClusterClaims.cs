namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>Finds the first cluster that two files, or a file and a folder, have in common: at most one of them can be what was written.</summary>
/// <remarks>
/// A chain is followed up to a cluster that was claimed before, so that one walk over a volume takes no more steps than twice its clusters, whatever
/// its table says. After the first find nothing is kept and nothing is looked for: the volume is known to be damaged, and a hostile one has as many
/// of them as it has entries. Not safe for concurrent use.
/// </remarks>
internal sealed class ClusterClaims(FatTable table, int clusterSize, Action<ImageFault> onFault)
{
    private ClusterSet? _claimed = new();

    /// <summary>Claims the clusters of a file or a folder.</summary>
    /// <param name="first">The first cluster.</param>
    /// <param name="clusters">How many there are at most; the chain may end sooner.</param>
    /// <param name="path">The path of the file, for the fault.</param>
    public void Claim(uint first, long clusters, string path)
    {
        try
        {
            if (_claimed is not null && FindShared(_claimed, first, clusters) is { } shared)
            {
                _claimed = null;
                onFault(new ImageFault(
                    ImageFaultKind.Mismatch, "ClusterChain", "", table.EntryOffset(shared),
                    $"cluster {shared} of \"{path}\" belongs to another file or folder as well; other clusters were not looked at after this one"));
            }
        }
        catch (ImageFormatException)
        {
            // Whoever opens the file meets the same damage in the table, and reports it as that file's.
        }
    }

    /// <summary>Claims the clusters that the content of a file needs.</summary>
    public void Claim(FatFile file, string path) => Claim(file.FirstCluster, (file.Size + (long)clusterSize - 1) / clusterSize, path);

    private uint? FindShared(ClusterSet claimed, uint first, long clusters)
    {
        uint cluster = first;
        for (long index = 0; index < clusters && table.IsCluster(cluster); index++)
        {
            if (!claimed.Add(cluster))
            {
                // A chain that comes back to itself shares with nobody; opening it is a fault of its own.
                return IsInChain(first, index, cluster) ? null : cluster;
            }

            FatEntry entry = table[cluster];
            if (entry.Kind != FatEntryKind.Next)
            {
                return null;
            }

            cluster = entry.Value;
        }

        return null;
    }

    private bool IsInChain(uint first, long clusters, uint sought)
    {
        uint cluster = first;
        for (long index = 0; index < clusters; index++)
        {
            if (cluster == sought)
            {
                return true;
            }

            cluster = table[cluster].Value;
        }

        return false;
    }
}
