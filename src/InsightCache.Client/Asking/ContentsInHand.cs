using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>Contents that this process scans for others. Safe for concurrent use.</summary>
/// <remarks>
/// The server lends a content to whoever asks for it twice, since both are the same machine to it. So it is known here what is being scanned, and until its vote has
/// arrived: a second copy of the content waits for it like anybody else. Sessions that run at once are told apart by the object of their scope, since scopes may be equal.
/// </remarks>
internal sealed class ContentsInHand
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(ContentHash Hash, ScopeName Scope), Content> _contents = [];

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

    /// <summary>Takes a content for a session.</summary>
    public void Take(ContentHash hash, VerdictScope session, State state)
    {
        ScopeName scope = ScopeName.Of(session);
        lock (_lock)
        {
            // Two sessions that asked at once scan it both.
            List<VerdictScope> sessions = _contents.TryGetValue((hash, scope), out Content? known) ? known.Sessions : [];
            if (!sessions.Exists(other => ReferenceEquals(other, session)))
            {
                sessions.Add(session);
            }

            _contents[(hash, scope)] = new Content(state, sessions);
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
            if (!_contents.TryGetValue((hash, scope), out Content? content))
            {
                return State.None;
            }

            _contents[(hash, scope)] = content with { State = State.Told };
            return content.State;
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

    /// <summary>Takes note that nothing is scanned by a session any longer.</summary>
    /// <returns>What was leased for it and for no session that goes on, and was not told.</returns>
    public List<ContentHash> End(VerdictScope session)
    {
        lock (_lock)
        {
            List<ContentHash> leased = [];
            foreach ((var key, Content content) in _contents)
            {
                if (content.Sessions.RemoveAll(other => ReferenceEquals(other, session)) > 0 && content.Sessions.Count == 0 && content.State != State.Told)
                {
                    _contents.Remove(key);
                    if (content.State == State.Leased)
                    {
                        leased.Add(key.Hash);
                    }
                }
            }

            return leased;
        }
    }

    /// <summary>A content, and the sessions that are to scan it.</summary>
    private sealed record Content(State State, List<VerdictScope> Sessions);
}
