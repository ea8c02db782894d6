using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>Contents that this process scans for others. Safe for concurrent use.</summary>
/// <remarks>
/// The server lends a content to whoever asks for it twice, since both are the same machine to it. So it is known here what is being scanned, and until its vote has
/// arrived: a second copy of the content waits for it like anybody else.
/// </remarks>
internal sealed class ContentsInHand
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(ContentHash Hash, ScopeName Scope), State> _contents = [];

    /// <summary>How far a content is.</summary>
    public enum State
    {
        /// <summary>It is not in hand.</summary>
        None,

        /// <summary>It is to be scanned, and others wait for it.</summary>
        Leased,

        /// <summary>It is clean by all that is known, and scanned for certainty.</summary>
        Audited,

        /// <summary>It was scanned, and its vote is on its way.</summary>
        Told,
    }

    /// <summary>Takes a content.</summary>
    public void Take(ContentHash hash, ScopeName scope, State state)
    {
        lock (_lock)
        {
            _contents[(hash, scope)] = state;
        }
    }

    /// <summary>Tells whether a content is in hand.</summary>
    public bool Holds(ContentHash hash, ScopeName scope)
    {
        lock (_lock)
        {
            return _contents.ContainsKey((hash, scope));
        }
    }

    /// <summary>Takes note that a content was scanned and its vote is on its way.</summary>
    /// <returns>How far it was.</returns>
    public State Tell(ContentHash hash, ScopeName scope)
    {
        lock (_lock)
        {
            State before = _contents.GetValueOrDefault((hash, scope));
            if (before != State.None)
            {
                _contents[(hash, scope)] = State.Told;
            }

            return before;
        }
    }

    /// <summary>Lets go of a content whose vote has arrived, or will not.</summary>
    public void LetGo(ContentHash hash, ScopeName scope)
    {
        lock (_lock)
        {
            _contents.Remove((hash, scope));
        }
    }

    /// <summary>Takes note that nothing of a scope is scanned any longer.</summary>
    /// <returns>What was leased and not told.</returns>
    public List<ContentHash> End(ScopeName scope)
    {
        lock (_lock)
        {
            List<ContentHash> leased = [];
            foreach (((ContentHash hash, ScopeName of), State state) in _contents)
            {
                if (of == scope && state is State.Leased or State.Audited)
                {
                    _contents.Remove((hash, of));
                    if (state == State.Leased)
                    {
                        leased.Add(hash);
                    }
                }
            }

            return leased;
        }
    }
}
