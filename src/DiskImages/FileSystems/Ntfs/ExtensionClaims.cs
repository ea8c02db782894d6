namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>Which records say that they continue another one, and which of them that other one names. Not safe for concurrent use.</summary>
/// <remarks>A record that no file claims is read by nobody here, and may still be opened by a guest: the difference is a fault each.</remarks>
internal sealed class ExtensionClaims
{
    private const int BitsPerPage = 32 << 10;

    /// <summary>Pages of 4 KiB for 134 million records; more is kept of no volume.</summary>
    private const int MaxPages = 4096;

    private readonly SortedDictionary<long, Page> _pages = [];

    private sealed class Page
    {
        public ulong[] Met { get; } = new ulong[BitsPerPage / 64];

        public ulong[] Claimed { get; } = new ulong[BitsPerPage / 64];
    }

    /// <summary>Gets a value indicating whether there were more records than are kept.</summary>
    public bool IsOverfull { get; private set; }

    /// <summary>Notes a record in use that says it continues another one.</summary>
    public void Meet(long record)
    {
        if (PageOf(record) is { } page)
        {
            page.Met[record % BitsPerPage / 64] |= 1ul << (int)(record % 64);
        }
    }

    /// <summary>Notes a record that the file it belongs to names.</summary>
    public void Claim(long record)
    {
        if (PageOf(record) is { } page)
        {
            page.Claimed[record % BitsPerPage / 64] |= 1ul << (int)(record % 64);
        }
    }

    /// <summary>Lists the records that were met and not claimed.</summary>
    public IEnumerable<long> Unclaimed()
    {
        foreach ((long number, Page page) in _pages)
        {
            for (int bit = 0; bit < BitsPerPage; bit++)
            {
                if ((page.Met[bit / 64] & ~page.Claimed[bit / 64] & (1ul << (bit % 64))) != 0)
                {
                    yield return (number * BitsPerPage) + bit;
                }
            }
        }
    }

    private Page? PageOf(long record)
    {
        long number = record / BitsPerPage;
        if (!_pages.TryGetValue(number, out Page? page) && _pages.Count < MaxPages)
        {
            page = new Page();
            _pages.Add(number, page);
        }

        IsOverfull |= page is null;
        return page;
    }
}
