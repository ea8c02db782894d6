using FsCheck;
using FsCheck.Xunit;
using Symantec.Virtualization.Scanning.Core.Tests.Session;

namespace Symantec.Virtualization.Scanning.Core.Tests;

public class ByteTotalTests
{
    [Property]
    public void A_sum_is_exact_where_it_fits_and_the_largest_number_where_it_does_not(DoNotSize<long> a, DoNotSize<long> b)
    {
        (long total, long bytes) = (Math.Max(0, a.Item), Math.Max(0, b.Item));
        long shared = total;
        ByteTotal.Add(ref shared, bytes);

        Assert.Equal((long)Int128.Min(long.MaxValue, (Int128)total + bytes), ByteTotal.Add(total, bytes));
        Assert.Equal(ByteTotal.Add(total, bytes), shared);
        Assert.Equal(total, ByteTotal.Add(total, -1));
    }

    [Fact]
    public async Task Contents_that_claim_more_than_a_number_holds_are_scanned_and_counted()
    {
        MemoryReport report = new();
        LastProgress progress = new();
        ScanSessionOptions options = new() { Reports = { report }, Progress = progress };
        IScanSource[] sources = [Source(), Source()];

        ScanSummary summary = await new ScanSession(new WordEngine(), options).RunAsync(sources, TestContext.Current.CancellationToken);

        Assert.Equal((6, long.MaxValue, true), (summary.Contents, summary.Bytes, summary.IsComplete));
        Assert.Equal((long.MaxValue, long.MaxValue), (progress.Last!.Bytes, progress.Last.TotalBytes!.Value));
        Assert.Equal(long.MaxValue, Assert.Single(summary.Ledger).Bytes);
    }

    private static ListSource Source() => new([new Claim("a"), new Claim("b"), new Claim("c")]) { StoredBytes = 1L << 62 };

    private sealed class Claim(string location) : ScanContent
    {
        public override string Location => location;

        public override long Length => 1L << 62;

        protected override void ReadCore(long offset, Span<byte> buffer) => buffer.Clear();
    }

    private sealed class LastProgress : IProgress<ScanProgress>
    {
        public ScanProgress? Last { get; private set; }

        public void Report(ScanProgress value) => Last = value;
    }
}
