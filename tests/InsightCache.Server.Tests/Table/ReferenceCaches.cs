namespace Symantec.Virtualization.InsightCache.Server.Tests.Table;

/// <summary>A cache of contents of which only their number is known.</summary>
internal interface IContentCache
{
    /// <summary>Tells whether a content is there, and keeps it from now on.</summary>
    bool Ask(int content);
}

/// <summary>The oldest goes first, as the original product does it.</summary>
internal sealed class OldestFirst(int capacity) : IContentCache
{
    private readonly HashSet<int> _kept = [];
    private readonly Queue<int> _order = [];

    public bool Ask(int content)
    {
        if (!_kept.Add(content))
        {
            return true;
        }

        _order.Enqueue(content);
        if (_kept.Count > capacity)
        {
            _kept.Remove(_order.Dequeue());
        }

        return false;
    }
}

/// <summary>S3-FIFO of Yang et al., SOSP 2023, algorithm 1: a small queue of a tenth, a main queue, and a ghost queue as long as the main one.</summary>
internal sealed class S3Fifo(int capacity) : IContentCache
{
    private readonly Dictionary<int, int> _frequencies = [];
    private readonly Queue<int> _small = [];
    private readonly Queue<int> _main = [];
    private readonly Queue<int> _ghosts = [];
    private readonly HashSet<int> _isGhost = [];

    public bool Ask(int content)
    {
        if (_frequencies.TryGetValue(content, out int frequency))
        {
            _frequencies[content] = Math.Min(frequency + 1, 3);
            return true;
        }

        while (_frequencies.Count >= capacity)
        {
            Evict();
        }

        (_isGhost.Remove(content) ? _main : _small).Enqueue(content);
        _frequencies[content] = 0;
        return false;
    }

    private void Evict()
    {
        if (_small.Count >= capacity / 10 && _small.TryDequeue(out int oldest))
        {
            if (_frequencies[oldest] > 1)
            {
                _frequencies[oldest] = 0;
                _main.Enqueue(oldest);
            }
            else
            {
                _frequencies.Remove(oldest);
                Remember(oldest);
            }
        }
        else
        {
            oldest = _main.Dequeue();
            if (_frequencies[oldest]-- > 0)
            {
                _main.Enqueue(oldest);
            }
            else
            {
                _frequencies.Remove(oldest);
            }
        }
    }

    private void Remember(int content)
    {
        if (_isGhost.Add(content))
        {
            _ghosts.Enqueue(content);
        }

        while (_ghosts.Count > capacity * 9 / 10)
        {
            _isGhost.Remove(_ghosts.Dequeue());
        }
    }
}
