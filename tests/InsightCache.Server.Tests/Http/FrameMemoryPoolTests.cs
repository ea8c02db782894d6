using System.Buffers;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Http;

public sealed class FrameMemoryPoolTests
{
    private readonly FrameMemoryPool.FreeBlocks _free = new();

    [Fact]
    public void A_block_holds_a_request_about_256_contents_with_its_headers()
    {
        using FrameMemoryPool pool = new(_free);
        using IMemoryOwner<byte> block = pool.Rent(4096);

        Assert.True(block.Memory.Length >= Protocol.LookupFrame.FrameLength(256) + 4096);
        Assert.Equal(pool.MaxBufferSize, block.Memory.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(pool.MaxBufferSize + 1));
    }

    [Fact]
    public void A_block_that_was_given_back_is_used_again_and_one_that_is_given_back_twice_is_not_two()
    {
        using FrameMemoryPool pool = new(_free);
        IMemoryOwner<byte> given = pool.Rent();
        given.Dispose();
        given.Dispose();

        using IMemoryOwner<byte> again = pool.Rent();
        using IMemoryOwner<byte> other = pool.Rent();

        Assert.Same(given, again);
        Assert.NotSame(again, other);
        Assert.False(again.Memory.Span.Overlaps(other.Memory.Span));
    }

    [Fact]
    public void What_a_peak_needed_is_not_kept_for_ever()
    {
        using FrameMemoryPool pool = new(_free);
        List<IMemoryOwner<byte>> peak = [.. Enumerable.Range(0, 1500).Select(_ => pool.Rent())];
        peak.ForEach(static block => block.Dispose());

        Assert.Equal(1024, _free.Kept);
    }

    /// <summary>Never do two hold the same memory, whoever rents and gives back at the same time.</summary>
    [Fact]
    public async Task Many_threads_never_hold_the_same_memory()
    {
        using FrameMemoryPool pool = new(_free);
        await Task.WhenAll(Enumerable.Range(1, 4).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                using IMemoryOwner<byte> block = pool.Rent();
                block.Memory.Span[0] = (byte)thread;
                Thread.Yield();
                Assert.Equal(thread, block.Memory.Span[0]);
            }
        })));

        Assert.InRange(_free.Kept, 1, 4);
    }

    /// <summary>The web server has a pool for each queue of each endpoint, and what they keep together is bounded.</summary>
    [Fact]
    public void Pools_share_what_they_keep_and_one_that_has_ended_gives_nothing()
    {
        using FrameMemoryPool other = new(_free);
        FrameMemoryPool pool = new(_free);
        IMemoryOwner<byte> block = pool.Rent();
        pool.Dispose();
        block.Dispose();

        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
        using IMemoryOwner<byte> again = other.Rent();
        Assert.Same(block, again);
    }
}
