using FsCheck.Xunit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

public sealed class ProvenanceLogTests
{
    /// <summary>Whatever of its batches is chosen, the log tells of each client what was chosen and nothing else.</summary>
    [Property(MaxTest = 50)]
    public async Task The_log_tells_what_was_chosen_of_each_batch(bool[][] batches, bool[] all)
    {
        using TemporaryFolder folder = new();
        await using ProvenanceLog log = new(folder["log"], 1 << 20, new ServerClock(new FakeTimeProvider()), NullLogger.Instance);
        ulong[] allFingerprints = FingerprintsOf(batches.Length, all);
        log.AddAll(LogRecordKind.Voted, (uint)batches.Length, allFingerprints);
        for (int client = 0; client < batches.Length; client++)
        {
            byte[] bits = new byte[(batches[client].Length + 7) / 8];
            for (int i = 0; i < batches[client].Length; i++)
            {
                bits[i >> 3] |= (byte)((batches[client][i] ? 1 : 0) << (i & 7));
            }

            log.Add(LogRecordKind.Voted, lane: 1, (uint)client, FingerprintsOf(client, batches[client]), bits);
        }

        ProvenanceReader reader = await log.ReadAsync(TestContext.Current.CancellationToken);

        Assert.Equal(allFingerprints.ToHashSet(), reader.VotesOf((uint)batches.Length));
        for (int client = 0; client < batches.Length; client++)
        {
            ulong[] fingerprints = FingerprintsOf(client, batches[client]);
            Assert.Equal(fingerprints.Where((_, i) => batches[client][i]).ToHashSet(), reader.VotesOf((uint)client));
        }
    }

    private static ulong[] FingerprintsOf(int client, bool[] batch) => [.. batch.Select((_, i) => ((ulong)client << 32) | (uint)i)];
}
