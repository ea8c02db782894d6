using System.Collections.Frozen;
using System.Collections.Immutable;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>All lanes. Definitions advance by an administrator's word, or by that of several clients: one client alone neither makes a lane nor moves it. Safe for concurrent use.</summary>
/// <param name="options">How many clients must report definitions, and how many generations are kept.</param>
/// <param name="marks">Is told which generations of which lanes hold verdicts that count.</param>
/// <param name="clock">The server's time.</param>
internal sealed class LaneRegistry(DefinitionsOptions options, IGenerationMarks marks, ServerClock clock)
{
    /// <summary>The table's entries have a byte for the lane.</summary>
    private const int MaxLanes = 255;

    /// <summary>Withdrawn definitions that are remembered, beside those of the last time.</summary>
    private const int MaxWithdrawn = 64;

    /// <summary>Ballots for lanes that do not exist yet.</summary>
    private const int MaxImaginedLanes = 64;

    /// <summary>Lanes that do not exist yet and for which one client's word stands at once: a client has an engine or two, in a profile or two.</summary>
    private const int MaxImaginedByOne = 4;

    /// <summary>A publisher's clock may be ahead of this one, but not by more.</summary>
    private static readonly TimeSpan MaxAhead = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<(string Tenant, LaneId Id), DefinitionsBallot> _ballots = [];
    private volatile FrozenDictionary<(string Tenant, LaneId Id), Lane> _lanes = FrozenDictionary<(string, LaneId), Lane>.Empty;

    /// <summary>Gets or sets what is told of each generation that became current.</summary>
    public Action<Lane, DefinitionsDocument> OnLearnt { get; set; } = static (_, _) => { };

    /// <summary>Gets or sets what is told of each decision that was made at this server: an administrator's, or a quorum's that was reached here.</summary>
    public Action<string, DefinitionsDocument, DateTimeOffset> OnDecided { get; set; } = static (_, _, _) => { };

    /// <summary>Gets or sets what is told when an administrator has gone back to older definitions, and nothing that was voted or answered under the newer ones counts any longer.</summary>
    public Action OnWithdrawn { get; set; } = static () => { };

    public IEnumerable<Lane> Lanes => _lanes.Values.OrderBy(static lane => lane.Index);

    public Lane? Find(string tenant, LaneId id) => _lanes.GetValueOrDefault((tenant, id));

    /// <summary>Has an administrator set the current definitions of a lane, which is made if it is new.</summary>
    public DefinitionsResponse Set(string tenant, DefinitionsDocument definitions)
    {
        lock (_lock)
        {
            return Decide(tenant, definitions, clock.Now);
        }
    }

    /// <summary>Takes over what another server was told or has learnt.</summary>
    /// <param name="tenant">The lane's tenant.</param>
    /// <param name="definitions">The definitions.</param>
    /// <param name="decided">When that was.</param>
    /// <returns><see langword="false"/> if this server has decided later.</returns>
    public bool Adopt(string tenant, DefinitionsDocument definitions, DateTimeOffset decided)
    {
        lock (_lock)
        {
            Lane? lane = Find(tenant, LaneId.Of(definitions.Engine, definitions.Profile));
            if (lane?.Decided > decided)
            {
                return false;
            }

            if (lane is null || lane.Decided < decided)
            {
                Advance(tenant, definitions, decided);
            }

            return true;
        }
    }

    /// <summary>Takes a client's report of what it scans with.</summary>
    /// <param name="client">The client.</param>
    /// <param name="definitions">The definitions.</param>
    /// <param name="needed">How many clients must report the same before it counts.</param>
    /// <param name="reported">When it did, if that was at another server.</param>
    /// <param name="isNews">Whether the word counts and this client had not said it before.</param>
    public DefinitionsResponse Report(ClientIdentity client, DefinitionsDocument definitions, int needed, DateTimeOffset? reported, out bool isNews)
    {
        isNews = false;
        lock (_lock)
        {
            LaneId id = LaneId.Of(definitions.Engine, definitions.Profile);
            ImmutableArray<Generation> known = Find(client.Tenant, id)?.Generations ?? [];
            long current = known.Length > 0 ? known[0].Stamp.Sequence : 0;
            if (Standing(known, Generation.StampOf(definitions)) is { } standing)
            {
                return new DefinitionsResponse(standing, current);
            }

            if (WhyNot(known, definitions) is { } why || IsWithdrawn(client.Tenant, id, definitions, out why))
            {
                return new DefinitionsResponse(DefinitionsReport.Refused, current, why);
            }

            if (!client.CanVote)
            {
                return new DefinitionsResponse(DefinitionsReport.Refused, current, "Definitions are learnt from clients that may vote.");
            }

            return BallotOf(client, id).Count(definitions, client.Id, out isNews) < needed
                ? new DefinitionsResponse(DefinitionsReport.Noted, current)
                : Decide(client.Tenant, definitions, reported ?? clock.Now);
        }
    }

    /// <summary>Lists the lanes for people.</summary>
    /// <param name="tenant">Whose; <see langword="null"/> for all.</param>
    public IReadOnlyList<LaneDocument> Describe(string? tenant)
    {
        lock (_lock)
        {
            return
            [
                .. Lanes.Where(lane => tenant is null || lane.Tenant == tenant).Select(lane => new LaneDocument
                {
                    Tenant = lane.Tenant,
                    Engine = lane.Engine,
                    Profile = lane.Profile,
                    Generations =
                    [
                        .. lane.Generations.Select(static generation => new GenerationDocument(
                            generation.Version, generation.Stamp.Sequence, generation.Stamp.Digest.ToString("x32", null), generation.Published, generation.Learnt)),
                    ],
                    Candidates = [.. (_ballots.GetValueOrDefault((lane.Tenant, lane.Id))?.Candidates(options.Quorum)) ?? []],
                }),
            ];
        }
    }

    /// <summary>Takes over the lanes of a snapshot; only before the first request.</summary>
    public void Restore(IEnumerable<(Lane Lane, ImmutableArray<Generation> Generations)> lanes)
    {
        lock (_lock)
        {
            foreach ((Lane lane, ImmutableArray<Generation> generations) in lanes)
            {
                Insert(lane);
                lane.Generations = generations;
                foreach (Generation generation in generations)
                {
                    marks.Begin(lane.Index, generation.Index);
                }
            }
        }
    }

    private static DefinitionsReport? Standing(ImmutableArray<Generation> known, DefinitionsStamp stamp)
    {
        for (int i = 0; i < known.Length; i++)
        {
            if (known[i].Stamp == stamp)
            {
                return i == 0 ? DefinitionsReport.Current : DefinitionsReport.Older;
            }
        }

        return null;
    }

    /// <summary>Tells why definitions can never become current by the word of clients.</summary>
    private string? WhyNot(ImmutableArray<Generation> known, DefinitionsDocument definitions)
        => known.Length > 0 && definitions.Sequence < known[0].Stamp.Sequence ? "They are older than the current ones."
            : definitions.Published > clock.Now + MaxAhead ? "They are published in the future."
            : null;

    private bool IsWithdrawn(string tenant, LaneId id, DefinitionsDocument definitions, out string why)
    {
        why = "An administrator has withdrawn them.";
        return Find(tenant, id)?.Withdrawn.Contains(Generation.StampOf(definitions)) == true;
    }

    /// <summary>Gets the ballot of a lane. Lanes that do not exist have ballots as well: whoever invents many takes back his own oldest word each time, and nobody else's.</summary>
    private DefinitionsBallot BallotOf(ClientIdentity client, LaneId id)
    {
        (string Tenant, LaneId Id) key = (client.Tenant, id);
        if (!_lanes.ContainsKey(key))
        {
            List<(string Tenant, LaneId Id)> imagined = [.. _ballots.Keys.Where(other => other != key && !_lanes.ContainsKey(other))];
            List<(string Tenant, LaneId Id)> own = [.. imagined.Where(other => _ballots[other].Holds(client.Id))];
            if (own.Count >= MaxImaginedByOne && _ballots[own[0]].Withdraw(client.Id))
            {
                _ballots.Remove(own[0]);
                imagined.Remove(own[0]);
            }

            if (imagined.Count >= MaxImaginedLanes && !_ballots.ContainsKey(key))
            {
                _ballots.Remove(imagined[0]);
            }
        }

        if (!_ballots.TryGetValue(key, out DefinitionsBallot? ballot))
        {
            ballot = new DefinitionsBallot();
            _ballots.Add(key, ballot);
        }

        return ballot;
    }

    /// <summary>Advances by a decision that was made here, which is later than the one before also where that was made under a clock that is ahead.</summary>
    private DefinitionsResponse Decide(string tenant, DefinitionsDocument definitions, DateTimeOffset now)
    {
        DateTimeOffset last = Find(tenant, LaneId.Of(definitions.Engine, definitions.Profile))?.Decided ?? DateTimeOffset.MinValue;
        DateTimeOffset decided = last >= now ? last + TimeSpan.FromTicks(1) : now;
        DefinitionsResponse response = Advance(tenant, definitions, decided);
        if (response.Report == DefinitionsReport.Current)
        {
            OnDecided(tenant, definitions, decided);
        }

        return response;
    }

    private DefinitionsResponse Advance(string tenant, DefinitionsDocument definitions, DateTimeOffset decided)
    {
        LaneId id = LaneId.Of(definitions.Engine, definitions.Profile);
        DefinitionsStamp stamp = Generation.StampOf(definitions);
        Lane? lane = Find(tenant, id);
        if (lane is null)
        {
            if (_lanes.Count >= MaxLanes)
            {
                return new DefinitionsResponse(DefinitionsReport.Refused, 0, $"There are {MaxLanes} lanes already.");
            }

            lane = new Lane((byte)(_lanes.Count + 1), tenant, definitions.Engine, definitions.Profile);
            Insert(lane);
        }

        lane.Decided = decided;
        ImmutableArray<Generation> known = lane.Generations;
        if (known.Length > 0 && known[0].Stamp == stamp)
        {
            return new DefinitionsResponse(DefinitionsReport.Current, stamp.Sequence);
        }

        // An administrator who goes back to older definitions, since the newer were withdrawn, starts anew: what was voted under the withdrawn ones must not
        // count as newer than what is current. Numbers of generations that are kept are consecutive.
        byte next = unchecked((byte)(known.Length > 0 ? known[0].Index + 1 : 0));
        bool isBackward = known.Length > 0 && stamp.Sequence < known[0].Stamp.Sequence;
        ImmutableArray<Generation> older = isBackward ? [] : [.. known.Take(options.GenerationsKept - 1)];
        foreach (Generation retired in known.Except(older))
        {
            marks.Retire(lane.Index, retired.Index);
        }

        lane.Withdrawn =
        [
            .. lane.Withdrawn.Where(withdrawn => withdrawn != stamp).TakeLast(MaxWithdrawn),
            .. known.Select(static generation => generation.Stamp).Where(newer => newer.Sequence > stamp.Sequence),
        ];
        marks.Begin(lane.Index, next);
        lane.Generations = [Generation.Of(definitions, next, clock.Now), .. older];
        _ballots.GetValueOrDefault((tenant, id))?.ForgetUpTo(stamp.Sequence);
        if (isBackward)
        {
            OnWithdrawn();
        }

        OnLearnt(lane, definitions);
        return new DefinitionsResponse(DefinitionsReport.Current, stamp.Sequence);
    }

    private void Insert(Lane lane)
        => _lanes = _lanes.Append(KeyValuePair.Create((lane.Tenant, lane.Id), lane)).ToFrozenDictionary();
}

/// <summary>Knows which generations hold verdicts that count.</summary>
internal interface IGenerationMarks
{
    /// <summary>A generation begins; entries that an earlier one of the same number has left are gone when this returns.</summary>
    void Begin(byte lane, byte generation);

    /// <summary>No verdict of a generation counts any longer. Constant time.</summary>
    void Retire(byte lane, byte generation);
}
