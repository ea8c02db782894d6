namespace Symantec.Virtualization.InsightCache.Server;

/// <content>What waits for memory.</content>
internal sealed unsafe partial class VerdictTable<TKeys>
{
    /// <summary>Counts of spilled keys to be taken back when their buckets have come from memory: each is a random line, and dozens come in the time of one.</summary>
    /// <remarks>A count that is too high for a while costs readers a look into a second bucket; <see cref="Flush"/> before the end.</remarks>
    private ref struct SpillQueue(Span<nint> room)
    {
        private readonly Span<nint> _waiting = room;
        private int _count;

        /// <summary>How many changes wait at most.</summary>
        public const int Room = 32;

        /// <summary>Changes the count of a bucket soon.</summary>
        public void Enqueue(Bucket first)
        {
            if (_count == _waiting.Length)
            {
                Flush();
            }

            first.PrefetchTags();
            _waiting[_count++] = (nint)first.Start;
        }

        /// <summary>Changes what waits.</summary>
        public void Flush()
        {
            foreach (nint start in _waiting[.._count])
            {
                new Bucket((byte*)start).UncountSpilled();
            }

            _count = 0;
        }
    }
}
