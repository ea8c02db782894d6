namespace Symantec.Virtualization.Scanning.Core.Tests;

public class ContentPassTests
{
    [Theory]
    [InlineData(HoleHandling.Skip)]
    [InlineData(HoleHandling.HandOnZeros)]
    public void A_content_whose_runs_lead_nowhere_cannot_be_read(HoleHandling holes)
    {
        using Stuck content = new();

        IOException e = Assert.ThrowsAny<IOException>(() => ContentPass.Run(content, null, holes, TestContext.Current.CancellationToken));

        Assert.Equal("a run of 0 bytes at offset 0 of 5 leads nowhere", e.Message);
    }

    [Fact]
    public void Holes_are_handed_on_up_to_the_default_limit_outside_of_a_session()
    {
        using Stuck content = new() { Holes = 900L << 30 };

        Assert.Throws<ScanLimitException>(() => ContentPass.Run(content, null, HoleHandling.HandOnZeros, TestContext.Current.CancellationToken));
        ContentPass.Run(content, null, HoleHandling.Skip, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void An_engine_that_reads_in_an_order_of_its_own_has_holes_up_to_the_same_limit()
    {
        using Stuck content = new() { Holes = 900L << 30 };
        using Stuck small = new() { Holes = 900L << 20 };
        using Stuck stuck = new();

        Assert.Throws<ScanLimitException>(() => ContentPass.TakeHoles(content, TestContext.Current.CancellationToken));
        ContentPass.TakeHoles(small, TestContext.Current.CancellationToken);
        Assert.Throws<IOException>(() => ContentPass.TakeHoles(stuck, TestContext.Current.CancellationToken));
    }

    private sealed class Stuck : ScanContent
    {
        public long Holes { get; init; }

        public override string Location => "stuck";

        public override long Length => Math.Max(5, Holes);

        protected override ContentRun RunAtCore(long offset) => new(IsStored: false, Holes);

        protected override void ReadCore(long offset, Span<byte> buffer) => throw new NotSupportedException();
    }
}
