using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>One line of the ledger: all contents of which the same one decided the same.</summary>
/// <param name="Disposition">What became of them.</param>
/// <param name="By">Who decided: an engine or an exemption.</param>
/// <param name="Contents">How many contents.</param>
/// <param name="Bytes">The bytes that are stored for them.</param>
/// <param name="Elapsed">The time that hashing and scanning them took, on all threads together.</param>
public sealed record LedgerLine(Disposition Disposition, string By, long Contents, long Bytes, TimeSpan Elapsed);

/// <summary>Keeps account of why contents were scanned or skipped, by whom, and what that cost and saved.</summary>
/// <remarks>The totals are kept in memory; the entry of each single content is what <see cref="JsonLinesReport"/> writes. Not safe for concurrent use.</remarks>
public sealed class Ledger
{
    private readonly Dictionary<(Disposition Disposition, string By), Totals> _totals = [];

    private struct Totals
    {
        public long Contents;
        public long Bytes;
        public long UnreadBytes;
        public TimeSpan Elapsed;
    }

    /// <summary>Gets the lines: scanned first, then skipped, each by name.</summary>
    public IReadOnlyList<LedgerLine> Lines =>
    [
        .. _totals
            .Select(static pair => new LedgerLine(pair.Key.Disposition, pair.Key.By, pair.Value.Contents, pair.Value.Bytes, pair.Value.Elapsed))
            .OrderBy(static line => line.Disposition)
            .ThenBy(static line => line.By, StringComparer.Ordinal),
    ];

    /// <summary>Gets the stored bytes that nobody had to read: those of contents that were skipped before they were hashed.</summary>
    public long BytesSaved => Sum(Disposition.Skipped).UnreadBytes;

    /// <summary>
    /// Gets the time that the skipped contents would have taken at the speed of the scanned ones, less the time that they took to be hashed; on all threads together.
    /// Zero if nothing was scanned to tell a speed from.
    /// </summary>
    public TimeSpan TimeSaved
    {
        get
        {
            Totals scanned = Sum(Disposition.Scanned);
            Totals skipped = Sum(Disposition.Skipped);
            double whole = scanned.Bytes == 0 ? 0 : scanned.Elapsed.TotalSeconds * ((double)skipped.Bytes / scanned.Bytes);
            double saved = Math.Max(0, whole - skipped.Elapsed.TotalSeconds);

            // The lengths are an image's own claim, and may claim more time than there is.
            return saved < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(saved) : TimeSpan.MaxValue;
        }
    }

    /// <summary>Enters a content.</summary>
    /// <param name="result">How it turned out.</param>
    public void Add(ScanResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        ref Totals totals = ref CollectionsMarshal.GetValueRefOrAddDefault(_totals, (result.Disposition, result.By), out _);
        totals.Contents++;
        totals.Bytes = ByteTotal.Add(totals.Bytes, result.StoredLength);
        totals.UnreadBytes = ByteTotal.Add(totals.UnreadBytes, result.WasRead ? 0 : result.StoredLength);
        totals.Elapsed += result.Elapsed;
    }

    private Totals Sum(Disposition disposition)
    {
        Totals sum = default;
        foreach (((Disposition Disposition, string By) key, Totals totals) in _totals)
        {
            if (key.Disposition == disposition)
            {
                sum.Bytes = ByteTotal.Add(sum.Bytes, totals.Bytes);
                sum.UnreadBytes = ByteTotal.Add(sum.UnreadBytes, totals.UnreadBytes);
                sum.Elapsed += totals.Elapsed;
            }
        }

        return sum;
    }
}
