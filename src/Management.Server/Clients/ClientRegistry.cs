using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server.Storage;
using Symantec.Virtualization.VirtualTagging;

namespace Symantec.Virtualization.Management.Server;

/// <summary>The clients: how they come, live, are mistaken for each other and go. Safe for concurrent use.</summary>
public sealed partial class ClientRegistry
{
    /// <summary>What an unknown client's secret is compared with, so that it takes the time of a known one's.</summary>
    private static readonly byte[] NoSecret = new byte[32];

    private readonly ManagementDatabase _database;
    private readonly GroupTree _groups;
    private readonly PolicyStore _policies;
    private readonly AuditLog _audit;
    private readonly ManagementServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal ClientRegistry(
        ManagementDatabase database, GroupTree groups, PolicyStore policies, AuditLog audit, IOptions<ManagementServerOptions> options, TimeProvider time, ILogger<ClientRegistry> logger)
    {
        _database = database;
        _groups = groups;
        _policies = policies;
        _audit = audit;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    /// <summary>Reads everything that is known of a client.</summary>
    /// <param name="id">The client.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The client.</returns>
    /// <exception cref="ManagementException">There is no such client.</exception>
    public async Task<ClientDetails> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        GroupTree.Snapshot groups = await _groups.ReadAsync(cancellationToken).ConfigureAwait(false);
        await using ManagementContext context = _database.Open();
        ClientRecord client = await context.Clients.SingleOrDefaultAsync(c => c.Id == id, cancellationToken).ConfigureAwait(false) ?? throw ManagementException.NotFound("client");
        TagRecord? tag = await context.Tags.SingleOrDefaultAsync(t => t.ClientId == id, cancellationToken).ConfigureAwait(false);
        List<PropertyRecord> properties = await context.Properties.Where(p => p.ClientId == id).OrderBy(static p => p.Name).ToListAsync(cancellationToken).ConfigureAwait(false);
        List<ImageUseRecord> images = await context.Images.Where(i => i.ClientId == id).OrderBy(static i => i.ImageId).ToListAsync(cancellationToken).ConfigureAwait(false);
        List<ClientRecord> related = await context.Clients
            .Where(c => c.Id != id && (c.HardwareId == client.HardwareId || c.RelatedTo == id))
            .OrderBy(static c => c.Enrolled).Take(100).ToListAsync(cancellationToken).ConfigureAwait(false);
        EffectivePolicy policy = await _policies.EffectiveAsync(client.GroupId, cancellationToken).ConfigureAwait(false);
        return new ClientDetails(
            ClientMapping.Summarize(client, groups),
            client.HardwareId,
            client.GenerationId,
            client.Sequence,
            policy.Tag,
            tag is null ? null : new TagDocument(TagReport.Parse(tag.Report)),
            properties.ToDictionary(static p => p.Name, static p => p.Value),
            [.. images.Select(static i => new ImageInUse(i.SealId, i.ImageId))],
            [.. related.Select(c => ClientMapping.Summarize(c, groups))]);
    }

    /// <summary>Moves clients into a group.</summary>
    /// <param name="ids">The clients, up to 1,000.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="ManagementException">There is no such group.</exception>
    public Task<int> MoveAsync(IReadOnlyList<Guid> ids, int groupId, Actor actor, CancellationToken cancellationToken = default) => _database.WriteAsync(
        async context =>
        {
            RequireFew(ids);
            GroupRecord group = await context.Groups.SingleOrDefaultAsync(g => g.Id == groupId, cancellationToken).ConfigureAwait(false) ?? throw ManagementException.NotFound("group");
            int moved = await context.Clients.Where(c => ids.Contains(c.Id))
                .ExecuteUpdateAsync(set => set.SetProperty(static c => c.GroupId, groupId), cancellationToken).ConfigureAwait(false);
            _audit.Add(context, actor, "client.move", ids.Count == 1 ? ids[0].ToString() : $"{moved} clients", group.PathKey);
            return moved;
        },
        cancellationToken);

    /// <summary>Deletes clients: their credentials count no longer. What they reported stays.</summary>
    /// <param name="ids">The clients, up to 1,000.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many there were.</returns>
    public Task<int> DeleteAsync(IReadOnlyList<Guid> ids, Actor actor, CancellationToken cancellationToken = default) => _database.WriteAsync(
        async context =>
        {
            RequireFew(ids);
            int deleted = await context.Clients.Where(c => ids.Contains(c.Id)).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
            _audit.Add(context, actor, "client.delete", ids.Count == 1 ? ids[0].ToString() : $"{deleted} clients");
            return deleted;
        },
        cancellationToken);

    /// <summary>Takes a client's word that two entries are different machines, or the same after a snapshot: the flag goes, until something new speaks against it.</summary>
    /// <param name="id">The client.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="ManagementException">There is no such client.</exception>
    public Task ClearStandingAsync(Guid id, Actor actor, CancellationToken cancellationToken = default) => _database.WriteAsync(
        async context =>
        {
            int cleared = await context.Clients.Where(c => c.Id == id)
                .ExecuteUpdateAsync(
                    static set => set.SetProperty(static c => c.Standing, ClientStanding.Normal).SetProperty(static c => c.PreviousMachine, (string?)null), cancellationToken)
                .ConfigureAwait(false);
            if (cleared == 0)
            {
                throw ManagementException.NotFound("client");
            }

            _audit.Add(context, actor, "client.clear-standing", id.ToString());
        },
        cancellationToken);

    /// <summary>Makes a machine a client.</summary>
    internal async Task<EnrolmentResponse> EnrolAsync(EnrolmentRequest request, CancellationToken cancellationToken)
    {
        request.Validate();
        DateTimeOffset now = _time.GetUtcNow();
        string secret = Secrets.Make();
        ClientRecord client = await _database.WriteAsync(
            async context =>
            {
                TokenRecord token = await EnrolmentTokens.UseAsync(context, request.Token, now, cancellationToken).ConfigureAwait(false);
                ClientRecord record = new()
                {
                    Id = Guid.CreateVersion7(now),
                    SecretHash = Secrets.HashOf(secret),
                    GroupId = token.GroupId,
                    Enrolled = now,
                    LastSeen = now,
                    LifetimeSeconds = token.LifetimeSeconds,
                    HardwareId = request.Machine.HardwareId,
                    GenerationId = request.Machine.GenerationId,
                    AgentVersion = TagColumns.Shown(request.AgentVersion, WireLimits.MaxText),
                };
                SetName(record, request.Machine.HostName);
                if (request.Tag?.Report is { } tag)
                {
                    TagColumns.Fill(record, tag);
                    context.Tags.Add(new TagRecord { ClientId = record.Id, Time = tag.Time, Report = tag.ToJson() });
                }

                record.Expires = ExpiryOf(record.LifetimeSeconds, record.Persistent, now);
                TagColumns.FillSearchText(record);
                await RelateAsync(context, record, now, cancellationToken).ConfigureAwait(false);
                context.Clients.Add(record);
                _audit.Add(context, new Actor($"token {token.Id}"), "client.enrol", record.Id.ToString(), record.Name);
                return record;
            },
            cancellationToken).ConfigureAwait(false);
        if (client.Standing != ClientStanding.Normal)
        {
            Log.MachineIsKnown(_logger, client.Id, client.Standing, client.RelatedTo ?? client.Id);
        }

        GroupTree.Snapshot groups = await _groups.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new EnrolmentResponse { ClientId = client.Id, Secret = secret, Group = groups.PathOf(client.GroupId) };
    }

    /// <summary>Tells whose credentials these are.</summary>
    /// <returns><see langword="null"/> if they are nobody's.</returns>
    internal async Task<ClientIdentity?> AuthenticateAsync(ClientCredentials shown, CancellationToken cancellationToken)
    {
        await using ManagementContext context = _database.Open();
        ClientRecord? client = await context.Clients.SingleOrDefaultAsync(c => c.Id == shown.ClientId, cancellationToken).ConfigureAwait(false);
        return Secrets.Fits(shown.Secret, client?.SecretHash ?? NoSecret) && client is not null ? new ClientIdentity(client) : null;
    }

    /// <summary>Forgets clients that were silent for too long.</summary>
    internal async Task<int> ForgetAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        return await _database.WriteAsync(
            async context =>
            {
                int expired = await context.Clients.Where(c => c.Expires < now).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
                if (expired > 0)
                {
                    _audit.Add(context, Actor.Manager, "client.expire", $"{expired} clients");
                }

                return expired;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static void RequireFew(IReadOnlyList<Guid> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Count is 0 or > 1000)
        {
            throw ManagementException.Invalid("ids: 1 to 1,000 clients are needed.");
        }
    }

    private static void SetName(ClientRecord record, string hostName)
    {
        record.Name = TagColumns.Shown(hostName, WireLimits.MaxName);
        record.NameKey = record.Name.ToLowerInvariant();
    }

    /// <summary>Finds the clients that were the same machine, or that one is a clone of. Nothing is taken over from them: the identity is what the machine says.</summary>
    private async Task RelateAsync(ManagementContext context, ClientRecord record, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<ClientRecord> same = await context.Clients.Where(c => c.HardwareId == record.HardwareId && c.Standing != ClientStanding.Superseded)
            .OrderBy(static c => c.Enrolled).Take(1000).ToListAsync(cancellationToken).ConfigureAwait(false);
        foreach (ClientRecord other in same)
        {
            if (other.GenerationId == record.GenerationId)
            {
                // The same machine once more, as after its agent was installed anew.
                other.Standing = ClientStanding.Superseded;
                other.RelatedTo = record.Id;
                other.Expires = Earlier(other.Expires, now + _options.GhostLifetime);
            }
        }

        if (same.Find(other => other.GenerationId != record.GenerationId) is { } original)
        {
            record.Standing = ClientStanding.Clone;
            record.RelatedTo = original.Id;
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset? expires, DateTimeOffset other) => expires is { } known && known < other ? known : other;

    private DateTimeOffset? ExpiryOf(long? lifetimeSeconds, string persistent, DateTimeOffset now)
        => lifetimeSeconds is { } seconds ? now.AddSeconds(seconds)
            : persistent == "no" ? now + _options.NonPersistentLifetime
            : _options.ClientLifetime > TimeSpan.Zero ? now + _options.ClientLifetime
            : null;
}
