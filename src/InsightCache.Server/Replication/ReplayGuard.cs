namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Whether a sealed entry is to be taken.</summary>
internal enum EntryAge
{
    /// <summary>It is the next of its server, or the first that is seen of it.</summary>
    Fresh,

    /// <summary>Entries of its server that came before it are missing: they were cut off or taken away.</summary>
    AfterGap,

    /// <summary>This one, or a later one of its server, was there before.</summary>
    Replayed,

    /// <summary>It is older than anything that is still to be read.</summary>
    TooOld,

    /// <summary>It is from the future: its server's clock is wrong.</summary>
    TooNew,
}

/// <summary>Knows which entries of which server have been taken. Safe for concurrent use.</summary>
/// <param name="maxAge">How old an entry may be.</param>
/// <param name="maxSkew">By how much clocks may differ.</param>
/// <param name="heard">What a server knew before its restart: how far each server had counted, and when it was last heard.</param>
internal sealed class ReplayGuard(TimeSpan maxAge, TimeSpan maxSkew, IEnumerable<HeardServer> heard)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, HeardServer> _servers = heard.ToDictionary(static server => server.Server);
    private readonly Dictionary<UInt128, DateTimeOffset> _heardAt = [];

    /// <summary>Judges an entry, which must be <see cref="Take">taken</see> after it has been applied.</summary>
    public EntryAge Judge(in EntryHeader header, DateTimeOffset now)
    {
        if (header.Time > now + maxSkew)
        {
            return EntryAge.TooNew;
        }

        if (header.Time < now - maxAge - maxSkew)
        {
            return EntryAge.TooOld;
        }

        lock (_lock)
        {
            return !_servers.TryGetValue(header.Server, out HeardServer? server) || header.Counter == server.Counter + 1 ? EntryAge.Fresh
                : header.Counter <= server.Counter ? EntryAge.Replayed
                : EntryAge.AfterGap;
        }
    }

    public void Take(in EntryHeader header, DateTimeOffset now)
    {
        lock (_lock)
        {
            _servers[header.Server] = new HeardServer(header.Server, header.Counter, header.Time);
            _heardAt[header.Server] = now;
        }
    }

    /// <summary>Tells whether a server was last heard within some time.</summary>
    public bool HasLeft(DateTimeOffset from, DateTimeOffset to)
    {
        lock (_lock)
        {
            return _heardAt.Values.Any(heard => heard >= from && heard < to);
        }
    }

    /// <summary>Lists what must be known after a restart; servers of which every entry is too old by now are forgotten.</summary>
    public IReadOnlyList<HeardServer> Heard(DateTimeOffset now)
    {
        lock (_lock)
        {
            foreach (HeardServer server in _servers.Values.Where(server => server.Time < now - maxAge - (2 * maxSkew)).ToList())
            {
                _servers.Remove(server.Server);
                _heardAt.Remove(server.Server);
            }

            return [.. _servers.Values];
        }
    }
}

/// <summary>How far a server had counted.</summary>
internal sealed record HeardServer(UInt128 Server, long Counter, DateTimeOffset Time);
