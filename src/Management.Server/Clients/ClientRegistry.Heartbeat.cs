using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Management.Server.Storage;

namespace Symantec.Virtualization.Management.Server;

/// <content>Heartbeats.</content>
public sealed partial class ClientRegistry
{
    /// <summary>Takes a heartbeat: once, however often it comes.</summary>
    internal async Task<HeartbeatResponse> TakeAsync(ClientIdentity client, HeartbeatRequest request, CancellationToken cancellationToken)
    {
        request.Validate();
        DateTimeOffset now = _time.GetUtcNow();
        ClientRecord known = client.Record;
        Admit(request.Sequence, known.Sequence);
        if (request.Sequence > known.Sequence)
        {
            if (ChangesNothing(known, request))
            {
                await TouchAsync(client, request, now, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await RewriteAsync(client.Id, request, now, cancellationToken).ConfigureAwait(false);
            }
        }

        EffectivePolicy policy = await _policies.EffectiveAsync(client.GroupId, cancellationToken).ConfigureAwait(false);
        return new HeartbeatResponse
        {
            Time = now,
            NextSeconds = policy.HeartbeatSeconds,
            PolicyTag = policy.Tag,
            TellAll = known.Sequence == 0 && request.Tag is null,
        };
    }

    private static void Admit(long sequence, long last)
    {
        if (sequence < last)
        {
            throw new ManagementException(ManagementFault.Replayed, "sequence: a heartbeat with a greater number was taken before.", last);
        }
    }

    private static bool ChangesNothing(ClientRecord known, HeartbeatRequest request)
        => request.Tag is null && request.Properties is null && request.Images is null && known.Standing != ClientStanding.Superseded
            && known.Name == TagColumns.Shown(request.Machine.HostName, WireLimits.MaxName)
            && known.HardwareId == request.Machine.HardwareId
            && known.GenerationId == request.Machine.GenerationId
            && known.AgentVersion == TagColumns.Shown(request.AgentVersion, WireLimits.MaxText)
            && (request.Definitions is null || (known.Definitions == Shown(request.Definitions.Version) && known.Engine == Shown(request.Definitions.Engine)));

    private static string Shown(string text) => TagColumns.Shown(text, WireLimits.MaxText);

    /// <summary>What nearly every heartbeat is: one statement, which holds only if no later one came between.</summary>
    private async Task TouchAsync(ClientIdentity client, HeartbeatRequest request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Guid id = client.Id;
        long sequence = request.Sequence;
        DateTimeOffset? expires = ExpiryOf(client.Record.LifetimeSeconds, client.Record.Persistent, now);
        AgentState state = request.State;
        string detail = TagColumns.Shown(request.StateDetail, WireLimits.MaxName);
        string policy = Shown(request.PolicyTag ?? "");
        int touched = await _database.TouchAsync(
            context => context.Clients.Where(c => c.Id == id && c.Sequence < sequence).ExecuteUpdateAsync(
                set => set.SetProperty(static c => c.Sequence, sequence)
                    .SetProperty(static c => c.LastSeen, now)
                    .SetProperty(static c => c.Expires, expires)
                    .SetProperty(static c => c.State, state)
                    .SetProperty(static c => c.StateDetail, detail)
                    .SetProperty(static c => c.PolicyTag, policy),
                cancellationToken),
            cancellationToken).ConfigureAwait(false);
        if (touched == 0)
        {
            await using ManagementContext context = _database.Open();
            Admit(sequence, await context.Clients.Where(c => c.Id == id).Select(static c => c.Sequence).SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    private Task RewriteAsync(Guid id, HeartbeatRequest request, DateTimeOffset now, CancellationToken cancellationToken) => _database.WriteAsync(
        async context =>
        {
            ClientRecord client = await context.Clients.SingleOrDefaultAsync(c => c.Id == id, cancellationToken).ConfigureAwait(false)
                ?? throw new ManagementException(ManagementFault.Unauthenticated, "The client was deleted.");
            Admit(request.Sequence, client.Sequence);
            if (request.Sequence == client.Sequence)
            {
                return;
            }

            client.Sequence = request.Sequence;
            client.LastSeen = now;
            client.State = request.State;
            client.StateDetail = TagColumns.Shown(request.StateDetail, WireLimits.MaxName);
            client.PolicyTag = Shown(request.PolicyTag ?? "");
            client.AgentVersion = Shown(request.AgentVersion);
            SetName(client, request.Machine.HostName);
            if (client.Standing == ClientStanding.Superseded)
            {
                // A ghost does not speak: whoever enrolled with its identity is another machine, or somebody who would like it to be forgotten.
                client.Standing = ClientStanding.Clone;
            }

            Compare(client, request.Machine);
            if (request.Definitions is { } definitions)
            {
                client.Engine = Shown(definitions.Engine);
                client.Definitions = Shown(definitions.Version);
                client.DefinitionsSequence = definitions.Sequence;
                client.DefinitionsPublished = definitions.Published;
            }

            if (request.Tag?.Report is { } tag)
            {
                TagColumns.Fill(client, tag);
                TagRecord? record = await context.Tags.SingleOrDefaultAsync(t => t.ClientId == id, cancellationToken).ConfigureAwait(false);
                if (record is null)
                {
                    record = new TagRecord { ClientId = id };
                    context.Tags.Add(record);
                }

                record.Time = tag.Time;
                record.Report = tag.ToJson();
            }

            if (request.Properties is { } properties)
            {
                await ReplaceAsync(context, id, properties, cancellationToken).ConfigureAwait(false);
            }

            if (request.Images is { } images)
            {
                await ReplaceAsync(context, id, images, now, cancellationToken).ConfigureAwait(false);
            }

            client.Expires = ExpiryOf(client.LifetimeSeconds, client.Persistent, now);
            TagColumns.FillSearchText(client);
        },
        cancellationToken);

    /// <summary>A generation that moved once is a clone or a snapshot; one that moves back and forth is two machines.</summary>
    private void Compare(ClientRecord client, MachineIdentity machine)
    {
        if (client.GenerationId != machine.GenerationId || client.HardwareId != machine.HardwareId)
        {
            string before = $"{client.HardwareId}/{client.GenerationId}";
            string after = $"{machine.HardwareId}/{machine.GenerationId}";
            client.Standing = client.PreviousMachine == after ? ClientStanding.SharedCredentials
                : client.Standing == ClientStanding.SharedCredentials ? client.Standing
                : ClientStanding.GenerationChanged;
            client.PreviousMachine = before;
            client.HardwareId = machine.HardwareId;
            client.GenerationId = machine.GenerationId;
            Log.MachineIsKnown(_logger, client.Id, client.Standing, client.Id);
        }
    }

    private static async Task ReplaceAsync(ManagementContext context, Guid id, IReadOnlyDictionary<string, string> properties, CancellationToken cancellationToken)
    {
        await context.Properties.Where(p => p.ClientId == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false);
        foreach (IGrouping<string, KeyValuePair<string, string>> property in properties.GroupBy(static p => p.Key.ToLowerInvariant()))
        {
            string value = TagColumns.Shown(property.First().Value, WireLimits.MaxName);
            context.Properties.Add(new PropertyRecord { ClientId = id, Name = property.Key, Value = value, ValueKey = value.ToLowerInvariant() });
        }
    }

    private static async Task ReplaceAsync(ManagementContext context, Guid id, IReadOnlyList<ImageInUse> images, DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<ImageUseRecord> known = await context.Images.Where(i => i.ClientId == id).ToListAsync(cancellationToken).ConfigureAwait(false);
        foreach (ImageInUse image in images.DistinctBy(static i => i.SealId))
        {
            ImageUseRecord? record = known.Find(i => i.SealId == image.SealId);
            if (record is null)
            {
                record = new ImageUseRecord { ClientId = id, SealId = image.SealId, First = now };
                context.Images.Add(record);
            }

            record.ImageId = Shown(image.ImageId);
            record.ImageKey = record.ImageId.ToLowerInvariant();
            record.Last = now;
            known.Remove(record);
        }

        context.Images.RemoveRange(known);
    }
}
