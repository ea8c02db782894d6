using System.Text.Json;

namespace Symantec.Virtualization.InsightCache.Server;

/// <content>Makes what is kept beside the log and what this server knows the same.</content>
internal sealed partial class Replicator
{
    /// <summary>Takes over what the kept records know more, and has those replaced that know less. Recalls are never lost for good so, as long as one server knows them.</summary>
    private async Task CompareKeptAsync(CancellationToken cancellationToken)
    {
        HashSet<string> upToDate = [];
        List<string> unwanted = [];
        await foreach ((string name, ReadOnlyMemory<byte> bytes) in _log.ReadKeptAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!_seal.TryOpen(bytes, out EntryHeader header, out ReadOnlyMemory<byte> payload))
            {
                Refuse(Refusal.Forged);
                unwanted.Add(name);
            }
            else if (header.Time > Now + _options.MaxClockSkew)
            {
                Refuse(Refusal.TooNew);
            }
            else
            {
                try
                {
                    if (HasLongEnded(header.Kind, payload))
                    {
                        unwanted.Add(name);
                        continue;
                    }

                    (string ownName, bool isOutdated) = await ApplyStateAsync(header.Kind, payload, cancellationToken).ConfigureAwait(false);
                    if (!isOutdated && ownName == name)
                    {
                        upToDate.Add(name);
                    }
                }
                catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
                {
                    Refuse(Refusal.Unreadable);
                }
            }
        }

        if (unwanted.Count > 0)
        {
            await _log.RemoveKeptAsync(unwanted, cancellationToken).ConfigureAwait(false);
        }

        PutMissing(upToDate);
    }

    /// <summary>Tells whether a recall ended so long ago that this server has forgotten it as well.</summary>
    private bool HasLongEnded(EntryKind kind, ReadOnlyMemory<byte> payload)
        => kind == EntryKind.Recall
            && Read(payload, EntryJson.Default.SharedRecall) is var recall
            && recall.Changed < Now - RecallRegister.KeptAfterEnd
            && (recall.Lifted || (!recall.Permanent && recall.Until < Now - RecallRegister.KeptAfterEnd));

    private void PutMissing(HashSet<string> upToDate)
    {
        foreach (SharedRecall recall in _server.Store.Recalls.Known().Select(recall => SharedRecall.Of(recall, _server.Clients)).Where(recall => !upToDate.Contains(recall.Name)))
        {
            Put(recall);
        }

        foreach (SharedDefinitions definitions in _decided.Values.Where(definitions => !upToDate.Contains(definitions.Name)))
        {
            Put(definitions);
        }

        foreach (SharedRetraction retraction in _retractions.Values.Where(retraction => !upToDate.Contains(retraction.Name)))
        {
            Put(retraction);
        }
    }
}
