namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>A set of cluster numbers: one bit for each, in pages that exist once they are touched, 32 MiB at the very most.</summary>
internal sealed class ClusterSet
{
    private const int BitsPerPage = 32 << 10;

    private readonly Dictionary<uint, ulong[]> _pages = [];

    /// <summary>Adds a cluster.</summary>
    /// <returns><see langword="false"/> if it was there before.</returns>
    public bool Add(uint cluster)
    {
        (uint number, uint bit) = Math.DivRem(cluster, BitsPerPage);
        if (!_pages.TryGetValue(number, out ulong[]? page))
        {
            page = new ulong[BitsPerPage / 64];
            _pages.Add(number, page);
        }

        ulong mask = 1ul << (int)(bit % 64);
        ref ulong word = ref page[bit / 64];
        bool isNew = (word & mask) == 0;
        word |= mask;
        return isNew;
    }
}
