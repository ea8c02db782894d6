using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Memory for connections, in blocks that hold a request about 256 contents as a whole: it is then received at once, where the web server's own blocks take three calls. Safe for concurrent use.</summary>
/// <remarks>
/// Blocks are pinned, since sockets read into them, and handed out again last in, first out, while they are still in the processor's cache. Connections that wait hold none.
/// </remarks>
/// <param name="free">The blocks that nobody uses.</param>
internal sealed class FrameMemoryPool(FrameMemoryPool.FreeBlocks free) : MemoryPool<byte>
{
    /// <summary>The size of a block in bytes.</summary>
    public const int BlockSize = 16 << 10;

    private volatile bool _isDisposed;

    public override int MaxBufferSize => BlockSize;

    /// <summary>Rents a block.</summary>
    /// <param name="minBufferSize">What is needed at least; the block is as long as every other.</param>
    /// <exception cref="ArgumentOutOfRangeException">More is needed than a block has.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return free.Take();
    }

    protected override void Dispose(bool disposing) => _isDisposed = true;

    /// <summary>Makes a pool for each part of the web server that asks for one, all from the same blocks.</summary>
    public sealed class Factory : IMemoryPoolFactory<byte>
    {
        private readonly FreeBlocks _free = new();

        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new FrameMemoryPool(_free);
    }

    /// <summary>The blocks that nobody uses; what a peak needed beyond a bound is left to the collector.</summary>
    public sealed class FreeBlocks
    {
        /// <summary>16 MiB: a thousand requests at the same time.</summary>
        private const int MaxKept = 1024;

        private readonly ConcurrentBag<Block> _blocks = [];
        private int _kept;

        /// <summary>Gets how many there are.</summary>
        public int Kept => Volatile.Read(ref _kept);

        public IMemoryOwner<byte> Take()
        {
            if (!_blocks.TryTake(out Block? block))
            {
                return new Block(this);
            }

            Interlocked.Decrement(ref _kept);
            block.BeginUse();
            return block;
        }

        private void Return(Block block)
        {
            if (Interlocked.Increment(ref _kept) <= MaxKept)
            {
                _blocks.Add(block);
            }
            else
            {
                Interlocked.Decrement(ref _kept);
            }
        }

        private sealed class Block(FreeBlocks free) : IMemoryOwner<byte>
        {
            private readonly Memory<byte> _memory = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true), 0, BlockSize);
            private int _isUsed = 1;

            public Memory<byte> Memory => _memory;

            public void BeginUse() => Volatile.Write(ref _isUsed, 1);

            public void Dispose()
            {
                // Given back twice, it would be two connections' at once.
                if (Interlocked.Exchange(ref _isUsed, 0) == 1)
                {
                    free.Return(this);
                }
            }
        }
    }
}
