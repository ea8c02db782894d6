using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server.Storage;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server;

/// <summary>
/// Contents that turned out bad: every policy names them, so that no seal and no vote spares them a scan, and clients answer whether they had relied on one. Safe for concurrent use.
/// </summary>
public sealed class RecallStore
{
    private const int MaxThreat = 128;
    private const int MaxShown = 1000;

    /// <summary>How many exemptions and seals a client names for one content at most.</summary>
    private const int MaxOfClient = 64;

    private readonly ManagementDatabase _database;
    private readonly PolicyStore _policies;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;

    internal RecallStore(ManagementDatabase database, PolicyStore policies, AuditLog audit, TimeProvider time)
    {
        _database = database;
        _policies = policies;
        _audit = audit;
        _time = time;
    }

    /// <summary>Reads the recalls, the newest first.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The recalls, 1,000 at most.</returns>
    public async Task<IReadOnlyList<RecallEntry>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ManagementContext context = _database.Open();
        return [.. (await context.Recalls.OrderByDescending(static r => r.Created).Take(MaxShown).ToListAsync(cancellationToken).ConfigureAwait(false)).Select(Describe)];
    }

    /// <summary>Recalls a content: from the next heartbeat on, clients scan it whatever was sealed or voted.</summary>
    /// <param name="hash">The content.</param>
    /// <param name="threat">The threat's name, if it has one.</param>
    /// <param name="actor">Who recalls it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The recall; the one that stood already, if one did.</returns>
    /// <exception cref="ManagementException">There are as many recalls as a policy may name.</exception>
    public async Task<RecallEntry> AddAsync(ContentHash hash, string? threat, Actor actor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(actor);
        string key = hash.ToString();
        RecallRecord recall = await _database.WriteAsync(
            async context =>
            {
                RecallRecord? known = await context.Recalls.SingleOrDefaultAsync(r => r.Hash == key, cancellationToken).ConfigureAwait(false);
                if (known is not null)
                {
                    return known;
                }

                if (await context.Recalls.CountAsync(cancellationToken).ConfigureAwait(false) >= VirtualImagesPolicy.MaxListed)
                {
                    throw new ManagementException(ManagementFault.Conflict, $"At most {VirtualImagesPolicy.MaxListed} contents are recalled; lift some first.");
                }

                known = new RecallRecord { Hash = key, Threat = TagColumns.Shown(threat, MaxThreat), Created = _time.GetUtcNow(), Author = actor.Name };
                context.Recalls.Add(known);
                _audit.Add(context, actor, "recall.add", key, known.Threat);
                return known;
            },
            cancellationToken).ConfigureAwait(false);
        _policies.Forget();
        return Describe(recall);
    }

    /// <summary>Lifts a recall. What clients have answered stays.</summary>
    /// <param name="hash">The content.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="ManagementException">The content is not recalled.</exception>
    public async Task LiftAsync(ContentHash hash, Actor actor, CancellationToken cancellationToken = default)
    {
        string key = hash.ToString();
        await _database.WriteAsync(
            async context =>
            {
                if (await context.Recalls.Where(r => r.Hash == key).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false) == 0)
                {
                    throw ManagementException.NotFound("recall");
                }

                _audit.Add(context, actor, "recall.lift", key);
            },
            cancellationToken).ConfigureAwait(false);
        _policies.Forget();
    }

    /// <summary>Tells whom a bad content concerns: who said that they relied on it, which seals had called it clean, who has those in use, and where it was found.</summary>
    /// <param name="hash">The content.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whom it concerns; nobody if nobody has said so.</returns>
    public async Task<RecallReach> ReachAsync(ContentHash hash, CancellationToken cancellationToken = default)
    {
        string key = hash.ToString();
        await using ManagementContext context = _database.Open();
        RecallRecord? recall = await context.Recalls.SingleOrDefaultAsync(r => r.Hash == key, cancellationToken).ConfigureAwait(false);
        List<RelianceRecord> reliances = await context.Reliances.Where(r => r.Hash == key).OrderBy(static r => r.ClientName).Take(10_000).ToListAsync(cancellationToken).ConfigureAwait(false);
        List<DetectionRecord> detections = await context.Detections.Where(d => d.Hash == key).OrderByDescending(static d => d.Id).Take(MaxShown).ToListAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<Guid, string> seals = [];
        foreach ((Guid seal, string image) in reliances.Select(static r => (r.SealId, r.ImageId)).Concat(detections.Select(static d => (d.SealId ?? Guid.Empty, d.ImageId))))
        {
            if (seal != Guid.Empty)
            {
                seals.TryAdd(seal, image);
            }
        }

        Guid[] ids = [.. seals.Keys.Take(MaxShown)];
        var uses = await context.Images.Where(i => ids.Contains(i.SealId))
            .Join(context.Clients, static i => i.ClientId, static c => c.Id, static (i, c) => new { i.SealId, i.ImageId, c.Id, c.Name })
            .OrderBy(static u => u.Name).Take(100_000).ToListAsync(cancellationToken).ConfigureAwait(false);
        return new RecallReach(
            hash,
            recall is null ? null : Describe(recall),
            [
                .. reliances.Select(static r => new Reliance(
                    r.ClientId, r.ClientName, r.Exemption, r.SealId == Guid.Empty ? null : r.SealId, r.ImageId, r.Location, r.First, r.Last)),
            ],
            [.. ids.Select(id => new SealReach(id, seals[id], [.. uses.Where(use => use.SealId == id).Select(static use => new ClientMention(use.Id, use.Name))]))],
            [.. detections.Select(ResultStore.Describe)]);
    }

    /// <summary>Takes a client's answer. Contents that nobody asked about are passed over: a client cannot fill the table with what it likes.</summary>
    internal async Task TakeAsync(ClientIdentity client, RecallAnswer answer, CancellationToken cancellationToken)
    {
        answer.Validate();
        DateTimeOffset now = _time.GetUtcNow();
        string[] named = [.. answer.Relied.Select(static r => r.Hash.ToString()).Distinct()];

        // Before the transaction, which would hold a connection while this asks for another.
        string[] byPolicy = [.. await NamedByPolicyAsync(client, named, cancellationToken).ConfigureAwait(false)];
        await _database.WriteAsync(
            async context =>
            {
                HashSet<string> recalled = [.. await context.Recalls.Where(r => named.Contains(r.Hash)).Select(static r => r.Hash).ToListAsync(cancellationToken).ConfigureAwait(false)];
                recalled.UnionWith(byPolicy);
                List<RelianceRecord> known = await context.Reliances.Where(r => r.ClientId == client.Id && named.Contains(r.Hash)).ToListAsync(cancellationToken).ConfigureAwait(false);
                foreach (RelianceDocument reliance in answer.Relied.Where(r => recalled.Contains(r.Hash.ToString())))
                {
                    string hash = reliance.Hash.ToString();
                    string exemption = TagColumns.Shown(reliance.Exemption, WireLimits.MaxText);
                    Guid seal = reliance.SealId ?? Guid.Empty;
                    RelianceRecord? record = known.Find(r => r.Hash == hash && r.Exemption == exemption && r.SealId == seal);
                    if (record is null)
                    {
                        if (known.Count(r => r.Hash == hash) >= MaxOfClient)
                        {
                            // It invents exemptions or seals: that it relied on the content is known.
                            continue;
                        }

                        record = new RelianceRecord { ClientId = client.Id, Hash = hash, Exemption = exemption, SealId = seal, First = now };
                        known.Add(record);
                        context.Reliances.Add(record);
                    }

                    record.ClientName = client.Name;
                    record.ImageId = TagColumns.Shown(reliance.ImageId, WireLimits.MaxText);
                    record.Location = TagColumns.Shown(reliance.Location, WireLimits.MaxLocation);
                    record.Last = now;
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<IEnumerable<string>> NamedByPolicyAsync(ClientIdentity client, string[] named, CancellationToken cancellationToken)
    {
        EffectivePolicy policy = await _policies.EffectiveAsync(client.GroupId, cancellationToken).ConfigureAwait(false);
        HashSet<string> recalled = [.. policy.Policy.Scan.VirtualImages.RecalledContents.Select(static hash => hash.ToString())];
        return named.Where(recalled.Contains);
    }

    private static RecallEntry Describe(RecallRecord r) => new(ContentHash.Parse(r.Hash), r.Threat, r.Created, r.Author);
}
