using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>Has this server do what another one did.</content>
internal sealed partial class Replicator
{
    private static T Read<T>(ReadOnlyMemory<byte> payload, JsonTypeInfo<T> type)
        => JsonSerializer.Deserialize(payload.Span, type) ?? throw new JsonException($"A {typeof(T).Name} is null.");

    private async Task ApplyAsync(EntryHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        try
        {
            switch (header.Kind)
            {
                case EntryKind.Votes:
                    ApplyVotes(header, payload);
                    break;
                case EntryKind.Report:
                    ApplyReport(header, Read(payload, EntryJson.Default.SharedReport));
                    break;
                case EntryKind.Recall or EntryKind.Definitions or EntryKind.Retraction:
                    await ApplyStateAsync(header.Kind, payload, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    // A pulse, or what a later version has to say.
                    return;
            }

            Counters.AddApplied();
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            Refuse(Refusal.Unreadable);
        }
    }

    private void ApplyVotes(in EntryHeader header, ReadOnlyMemory<byte> payload)
    {
        SharedVotes votes = SharedVotes.Read(payload, out ReadOnlyMemory<byte> keys);
        ClientIdentity client = IdentityOf(votes.Tenant, votes.Client, votes.IsTrusted);
        if (!client.IsAuthenticated && !_server.TakesStrangers)
        {
            Refuse(Refusal.Stranger);
            return;
        }

        byte[] counting = WithoutRecalled(votes.Tenant, keys.Span, header.Time);
        if (counting.Length == 0)
        {
            return;
        }

        byte[] verdicts = CleanVerdicts(counting);
        DefinitionsStamp stamp = new(votes.Sequence, UInt128.Parse(votes.Digest, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        lock (_counting)
        {
            if (!IsRetracted(votes.Tenant, votes.Client, header.Time))
            {
                _server.Store.Vote(client, holder: 0, new FrameHeader(FrameKind.Vote, WantsLeases: false, verdicts.Length, new LaneId(votes.Lane), stamp), counting, verdicts);
                return;
            }
        }

        Refuse(Refusal.Retracted);
    }

    private void ApplyReport(in EntryHeader header, SharedReport report)
    {
        ClientIdentity client = IdentityOf(report.Tenant, report.Client, isTrusted: false);
        if (client.IsAuthenticated || _server.TakesStrangers)
        {
            _server.CountReport(client, report.Definitions, header.Time, out _);
        }
        else
        {
            Refuse(Refusal.Stranger);
        }
    }

    /// <summary>Applies a state, which may be older or newer than what this server knows.</summary>
    /// <returns>The name of its record, and whether the log should get this server's instead.</returns>
    private async ValueTask<(string Name, bool IsOutdated)> ApplyStateAsync(EntryKind kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case EntryKind.Recall:
                SharedRecall recall = Read(payload, EntryJson.Default.SharedRecall);
                return (recall.Name, !_server.Store.Recalls.Merge(recall.ToRecall(_server.Clients)));
            case EntryKind.Definitions:
                SharedDefinitions definitions = Read(payload, EntryJson.Default.SharedDefinitions);
                if (!_server.Store.Lanes.Adopt(definitions.Tenant, definitions.Definitions, definitions.Decided))
                {
                    return (definitions.Name, true);
                }

                _decided[definitions.Name] = definitions;
                return (definitions.Name, false);
            case EntryKind.Retraction:
                SharedRetraction retraction = Read(payload, EntryJson.Default.SharedRetraction);
                var client = (retraction.Tenant, retraction.Client);
                if (_retractions.TryGetValue(client, out SharedRetraction? known) && known.Until >= retraction.Until)
                {
                    return (retraction.Name, known.Until > retraction.Until);
                }

                // Its votes that are on their way are refused from here on; what they made so far goes.
                Note(retraction);
                await _server.TakeBackAsync(retraction.Tenant, retraction.Client, cancellationToken).ConfigureAwait(false);
                return (retraction.Name, false);
            default:
                throw new JsonException($"Entries of kind {kind} are not kept.");
        }
    }

    /// <summary>Leaves out contents that were recalled, or of which a recall ended, after they were voted for: the vote was taken away with the verdict.</summary>
    private byte[] WithoutRecalled(string tenant, ReadOnlySpan<byte> keys, DateTimeOffset voted)
    {
        byte[] counting = new byte[keys.Length];
        int length = 0;
        for (int i = 0; i < keys.Length; i += ContentHash.Size)
        {
            ReadOnlySpan<byte> key = keys.Slice(i, ContentHash.Size);
            if (voted > _server.Store.Recalls.LastChange(tenant, new ContentHash(key)))
            {
                key.CopyTo(counting.AsSpan(length));
                length += ContentHash.Size;
            }
        }

        return counting[..length];
    }

    private static byte[] CleanVerdicts(ReadOnlySpan<byte> keys)
    {
        byte[] verdicts = new byte[keys.Length / ContentHash.Size];
        Array.Fill(verdicts, (byte)VoteVerdict.Clean);
        return verdicts;
    }

    private ClientIdentity IdentityOf(string tenant, string name, bool isTrusted) => new(
        name.Length == 0 ? 0 : _server.Clients.IdOf(tenant, name),
        name,
        tenant,
        isTrusted && name.Length > 0 ? ClientRoles.TrustedScanner : ClientRoles.Vote);
}
