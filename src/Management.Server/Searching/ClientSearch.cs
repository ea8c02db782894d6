using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Server.Storage;

namespace Symantec.Virtualization.Management.Server;

/// <summary>In which order clients are listed.</summary>
public enum ClientOrder
{
    /// <summary>By name.</summary>
    Name,

    /// <summary>The one heard of last, first.</summary>
    LastSeen,

    /// <summary>The one with the most detections first.</summary>
    Detections,

    /// <summary>The one that enrolled last, first.</summary>
    Enrolled,
}

/// <summary>A page of clients.</summary>
/// <param name="Total">How many clients fit altogether.</param>
/// <param name="Skipped">How many stand on earlier pages.</param>
/// <param name="Clients">The clients of this page.</param>
public sealed record ClientPage(long Total, int Skipped, IReadOnlyList<ClientSummary> Clients);

/// <summary>How many clients have which answer on one axis.</summary>
/// <param name="Axis">The axis, as queries name it.</param>
/// <param name="Values">The answers, the most frequent first; an empty name for none.</param>
public sealed record Facet(string Axis, IReadOnlyList<NameCount> Values);

/// <summary>Looks for clients. Safe for concurrent use.</summary>
public sealed class ClientSearch
{
    /// <summary>The most clients of a page.</summary>
    public const int MaxPage = 500;

    /// <summary>How far pages go; beyond it a query is narrowed, or exported.</summary>
    public const int MaxSkip = 100_000;

    private const int MaxValues = 50;

    private static readonly (string Axis, Expression<Func<ClientRecord, string>> Column)[] Axes =
    [
        ("machine", static c => c.Machine),
        ("family", static c => c.Family),
        ("product", static c => c.Product),
        ("role", static c => c.Role),
        ("cloud", static c => c.Cloud),
        ("container", static c => c.Container),
        ("orchestrator", static c => c.Orchestrator),
        ("confidential", static c => c.Confidential),
        ("broker", static c => c.Broker),
        ("pool", static c => c.Pool),
        ("made", static c => c.MadeAs),
        ("persistent", static c => c.Persistent),
        ("definitions", static c => c.Definitions),
        ("agent", static c => c.AgentVersion),
    ];

    private readonly ManagementDatabase _database;
    private readonly GroupTree _groups;
    private readonly TimeProvider _time;

    internal ClientSearch(ManagementDatabase database, GroupTree groups, TimeProvider time)
    {
        _database = database;
        _groups = groups;
        _time = time;
    }

    /// <summary>Gets the fields of the query language, for people.</summary>
    public static IReadOnlyList<SearchFieldHelp> Fields => SearchFields.Help;

    /// <summary>Gets the names of the axes that are counted.</summary>
    public static IReadOnlyList<string> FacetAxes { get; } = [.. Axes.Select(static axis => axis.Axis), "standing", "group"];

    /// <summary>Looks for clients.</summary>
    /// <param name="query">The query; nothing for all.</param>
    /// <param name="skip">How many to pass over, up to 100,000.</param>
    /// <param name="take">How many at most, up to 500.</param>
    /// <param name="order">In which order.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The clients.</returns>
    /// <exception cref="SearchQueryException">The query cannot be understood.</exception>
    public async Task<ClientPage> FindAsync(string? query, int skip = 0, int take = 50, ClientOrder order = ClientOrder.Name, CancellationToken cancellationToken = default)
    {
        skip = Math.Clamp(skip, 0, MaxSkip);
        await using ManagementContext context = _database.Open();
        GroupTree.Snapshot groups = await _groups.ReadAsync(cancellationToken).ConfigureAwait(false);
        IQueryable<ClientRecord> found = Select(context, groups, query);
        long total = await found.LongCountAsync(cancellationToken).ConfigureAwait(false);
        IOrderedQueryable<ClientRecord> sorted = order switch
        {
            ClientOrder.LastSeen => found.OrderByDescending(static c => c.LastSeen),
            ClientOrder.Detections => found.OrderByDescending(static c => c.Detections),
            ClientOrder.Enrolled => found.OrderByDescending(static c => c.Enrolled),
            _ => found.OrderBy(static c => c.NameKey),
        };
        List<ClientRecord> records = await sorted.ThenBy(static c => c.Id).Skip(skip).Take(Math.Clamp(take, 1, MaxPage)).ToListAsync(cancellationToken).ConfigureAwait(false);
        return new ClientPage(total, skip, [.. records.Select(c => ClientMapping.Summarize(c, groups))]);
    }

    /// <summary>Counts the clients that a query finds, on each axis.</summary>
    /// <param name="query">The query; nothing for all.</param>
    /// <param name="axes">Only these of <see cref="FacetAxes"/>; all if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="SearchQueryException">The query cannot be understood.</exception>
    /// <exception cref="ManagementException">There is no such axis.</exception>
    public async Task<IReadOnlyList<Facet>> CountAsync(string? query, IReadOnlyCollection<string>? axes = null, CancellationToken cancellationToken = default)
    {
        if (axes?.FirstOrDefault(static axis => !FacetAxes.Contains(axis)) is not null)
        {
            throw ManagementException.Invalid($"axes: some of {string.Join(", ", FacetAxes)} are needed.");
        }

        await using ManagementContext context = _database.Open();
        GroupTree.Snapshot groups = await _groups.ReadAsync(cancellationToken).ConfigureAwait(false);
        IQueryable<ClientRecord> found = Select(context, groups, query);
        List<Facet> facets = [];
        foreach ((string axis, Expression<Func<ClientRecord, string>> column) in Axes.Where(axis => axes is null || axes.Contains(axis.Axis)))
        {
            facets.Add(new Facet(axis, await found.GroupBy(column).Select(static g => new { g.Key, Count = g.LongCount() })
                .OrderByDescending(static g => g.Count).ThenBy(static g => g.Key).Take(MaxValues).Select(static g => new NameCount(g.Key, g.Count))
                .ToListAsync(cancellationToken).ConfigureAwait(false)));
        }

        if (axes is null || axes.Contains("standing"))
        {
            var counts = await found.GroupBy(static c => c.Standing).Select(static g => new { g.Key, Count = g.LongCount() }).ToListAsync(cancellationToken).ConfigureAwait(false);
            facets.Add(new Facet("standing", [.. counts.OrderByDescending(static c => c.Count).Select(static c => new NameCount(TagColumns.Word(c.Key), c.Count))]));
        }

        if (axes is null || axes.Contains("group"))
        {
            var counts = await found.GroupBy(static c => c.GroupId).Select(static g => new { g.Key, Count = g.LongCount() }).ToListAsync(cancellationToken).ConfigureAwait(false);
            facets.Add(new Facet("group", [.. counts.OrderByDescending(static c => c.Count).Take(MaxValues).Select(c => new NameCount(groups.PathOf(c.Key), c.Count))]));
        }

        return facets;
    }

    /// <summary>Reads all clients that a query finds, one after the other, in little memory.</summary>
    /// <param name="query">The query; nothing for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The clients, by their identifiers.</returns>
    /// <exception cref="SearchQueryException">The query cannot be understood.</exception>
    public async IAsyncEnumerable<ClientSummary> EnumerateAsync(string? query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        const int Piece = 500;
        GroupTree.Snapshot groups = await _groups.ReadAsync(cancellationToken).ConfigureAwait(false);
        Guid last = Guid.Empty;

        // Piece by piece, so that a slow reader holds neither a connection nor a snapshot of the tables.
        while (true)
        {
            List<ClientRecord> piece;
            await using (ManagementContext context = _database.Open())
            {
                piece = await Select(context, groups, query).Where(c => c.Id > last).OrderBy(static c => c.Id).Take(Piece).ToListAsync(cancellationToken).ConfigureAwait(false);
            }

            foreach (ClientRecord record in piece)
            {
                yield return ClientMapping.Summarize(record, groups);
            }

            if (piece.Count < Piece)
            {
                yield break;
            }

            last = piece[^1].Id;
        }
    }

    /// <summary>Tells whether a query can be understood, before anything is answered.</summary>
    internal async Task RequireAsync(string? query, CancellationToken cancellationToken)
    {
        await using ManagementContext context = _database.Open();
        _ = Select(context, await _groups.ReadAsync(cancellationToken).ConfigureAwait(false), query);
    }

    private IQueryable<ClientRecord> Select(ManagementContext context, GroupTree.Snapshot groups, string? query)
        => SearchFields.Apply(context.Clients, SearchQuery.Parse(query), new SearchFields.Scope(context, groups, _time.GetUtcNow()));
}
