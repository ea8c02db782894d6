using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Definitions that clients of a lane have reported and that do not count yet. Not safe for concurrent use.</summary>
/// <remarks>Each client's word stands for one set at a time, its latest: no client fills the ballot, and none can report two sets at once.</remarks>
internal sealed class DefinitionsBallot
{
    private const int MaxCandidates = 64;

    private readonly List<Candidate> _candidates = [];

    /// <summary>A set, and who reported it.</summary>
    private sealed record Candidate(DefinitionsDocument Definitions, DefinitionsStamp Stamp, HashSet<uint> Clients);

    public IEnumerable<CandidateDocument> Candidates(int needed)
        => _candidates.Select(candidate => new CandidateDocument(candidate.Definitions.Version, candidate.Definitions.Sequence, candidate.Clients.Count, needed));

    /// <summary>Counts a report; tells how many clients have reported the set by now, and whether this one had before.</summary>
    public int Count(DefinitionsDocument definitions, uint client, out bool isNews)
    {
        DefinitionsStamp stamp = Generation.StampOf(definitions);
        Withdraw(client, except: stamp);
        Candidate? own = _candidates.Find(candidate => candidate.Stamp == stamp);
        if (own is null)
        {
            if (_candidates.Count == MaxCandidates)
            {
                _candidates.RemoveAt(0);
            }

            own = new Candidate(definitions, stamp, []);
            _candidates.Add(own);
        }

        isNews = own.Clients.Add(client);
        return own.Clients.Count;
    }

    /// <summary>Tells whether a client's word stands here for a set.</summary>
    public bool Holds(uint client) => _candidates.Exists(candidate => candidate.Clients.Contains(client));

    /// <summary>Takes a client's word back.</summary>
    /// <returns>Whether nobody's is left.</returns>
    public bool Withdraw(uint client, DefinitionsStamp? except = null)
    {
        foreach (Candidate candidate in _candidates)
        {
            if (candidate.Stamp != except)
            {
                candidate.Clients.Remove(client);
            }
        }

        _candidates.RemoveAll(static candidate => candidate.Clients.Count == 0);
        return _candidates.Count == 0;
    }

    /// <summary>Forgets sets that are no newer than the current ones.</summary>
    public void ForgetUpTo(long sequence) => _candidates.RemoveAll(candidate => candidate.Definitions.Sequence <= sequence);
}
