using StackExchange.Redis;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server.Tests.Store;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server.Redis.Tests;

/// <summary>What somebody achieves who can write to Redis and does not know the secret: nothing but scans.</summary>
public sealed class ForgeryTests
{
    private const string Stream = "ic:{test}:log";
    private const string Kept = "ic:{test}:kept";

    private static readonly byte[] Secret = Convert.FromBase64String(Node.Secret);

    [Fact]
    public async Task Entries_that_no_server_of_the_cluster_has_sealed_are_refused_and_counted()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        byte[] foreign = Votes(new EntrySeal(new byte[32], Node.Name), 1, DateTimeOffset.UtcNow);
        byte[] moved = Votes(new EntrySeal(Secret, "another"), 1, DateTimeOffset.UtcNow);
        byte[] changed = Votes(new EntrySeal(Secret, Node.Name), 1, DateTimeOffset.UtcNow);
        changed[^40] ^= 1;
        byte[][] forged = [[], [1, 2, 3], new byte[1 << 19], foreign, moved, changed];

        foreach (byte[] entry in forged)
        {
            raw.GetDatabase().StreamAdd(Stream, "e", entry);
        }

        raw.GetDatabase().StreamAdd(Stream, "another field", "text");

        await Wait.UntilAsync(() => a.Replicator.Counters.Refused(Refusal.Forged) == forged.Length + 1, "all are refused");
        Assert.False(a.IsClean(1));
        Assert.Equal(0, a.Replicator.Counters.Applied);
        Assert.Single(a.Logger.Collector.GetSnapshot(), static record => record.Id.Name == "EntryRefused");
        Assert.False(a.Replicator.IsHolding);
    }

    [Fact]
    public void Each_changed_byte_of_an_entry_is_noticed()
    {
        EntrySeal seal = new(Secret, Node.Name);
        byte[] entry = Votes(seal, 1, DateTimeOffset.UtcNow);
        Assert.True(seal.TryOpen(entry, out _, out _));
        for (int i = 0; i < entry.Length; i++)
        {
            entry[i] ^= 0x40;
            Assert.False(seal.TryOpen(entry, out _, out _), $"byte {i}");
            entry[i] ^= 0x40;
            Assert.False(seal.TryOpen(entry.AsMemory(0, i), out _, out _), $"cut at {i}");
        }

    }

    [Fact]
    public async Task Entries_that_come_again_are_refused_also_after_their_verdict_was_taken_back()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node b = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        a.Trusted().Vote(1);
        await Wait.UntilAsync(() => b.IsClean(1), "shared");
        StreamEntry[] recorded = raw.GetDatabase().StreamRange(Stream);
        a.Server.Store.Recalls.RecallForGood("default", Fleet.Content(1), null);
        await Wait.UntilAsync(() => b.IsRecalled(1), "recalled");
        a.Server.Store.Recalls.Lift("default", Fleet.Content(1));
        await Wait.UntilAsync(() => !b.IsRecalled(1), "lifted");

        foreach (StreamEntry entry in recorded)
        {
            raw.GetDatabase().StreamAdd(Stream, "e", entry["e"]);
        }

        // Both pass over their own entries, and each has seen all of the other's.
        await Wait.UntilAsync(() => a.Replicator.Counters.Refused(Refusal.Replayed) + b.Replicator.Counters.Refused(Refusal.Replayed) == recorded.Length, "all are refused");
        Assert.False(a.IsClean(1) || b.IsClean(1));
    }

    [Fact]
    public async Task Entries_of_yesterday_and_of_tomorrow_are_refused()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration, static options => options.CatchUp = TimeSpan.FromHours(1));
        a.Learn(1);
        EntrySeal seal = new(Secret, Node.Name);

        raw.GetDatabase().StreamAdd(Stream, "e", Votes(seal, 1, DateTimeOffset.UtcNow.AddHours(-2)));
        raw.GetDatabase().StreamAdd(Stream, "e", Votes(seal, 2, DateTimeOffset.UtcNow.AddMinutes(10)));
        raw.GetDatabase().StreamAdd(Stream, "e", Votes(seal, 3, DateTimeOffset.UtcNow));

        await Wait.UntilAsync(() => a.IsClean(1), "the one of now is taken");
        Assert.Equal((1, 1, 1), (a.Replicator.Counters.Refused(Refusal.TooOld), a.Replicator.Counters.Refused(Refusal.TooNew), a.Replicator.Counters.Applied));
    }

    [Fact]
    public async Task Votes_that_were_retracted_do_not_come_back_to_a_server_that_is_new()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        a.Client("liar", ClientRoles.Ask | ClientRoles.TrustedScanner).Vote(1);
        a.Client("honest", ClientRoles.Ask | ClientRoles.TrustedScanner).Vote(2);
        await a.Server.RetractAsync("default", "liar", TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => a.Replicator.Waiting == 0, "published");

        await using Node late = await Node.StartAsync(redis.Configuration);

        await Wait.UntilAsync(() => late.IsClean(2), "caught up");
        Assert.False(late.IsClean(1));
        Assert.Equal(1, late.Replicator.Counters.Refused(Refusal.Retracted));
    }

    [Fact]
    public async Task Kept_records_that_are_forged_or_taken_away_are_put_right()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using ConnectionMultiplexer raw = await redis.ConnectAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        a.Learn(1);
        a.Server.Store.Recalls.RecallForGood("default", Fleet.Content(1), null);
        string record = $"recall:default:{Fleet.Content(1)}";
        await Wait.UntilAsync(() => raw.GetDatabase().HashExists(Kept, record), "kept");

        raw.GetDatabase().HashSet(Kept, record, "nothing is recalled");
        raw.GetDatabase().HashSet(Kept, "definitions:default:0", "anything");
        await using Node late = await Node.StartAsync(redis.Configuration);

        Assert.Equal(2, late.Replicator.Counters.Refused(Refusal.Forged));
        await Wait.UntilAsync(() => late.IsRecalled(1), "recalled by the stream");
        Assert.False(raw.GetDatabase().HashExists(Kept, "definitions:default:0"));
    }

    [Fact]
    public async Task Strangers_words_that_count_at_another_server_do_not_count_here()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node open = await Node.StartAsync(redis.Configuration, cache: static options => options.OpenVoting = true);
        await using Node strict = await Node.StartAsync(redis.Configuration);
        open.Learn(1);
        Machine stranger = new(open.Server, new ClientIdentity(0, "anonymous", ClientIdentity.DefaultTenant, ClientRoles.Ask | ClientRoles.Vote), holder: 1);

        Assert.Equal(1, stranger.Vote(1).Accepted);

        await Wait.UntilAsync(() => strict.Replicator.Counters.Refused(Refusal.Stranger) == 1, "refused");
        Assert.True(open.IsClean(1));
        Assert.False(strict.IsClean(1));
    }

    [Fact]
    public async Task Servers_with_another_secret_or_another_name_share_nothing()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using Node a = await Node.StartAsync(redis.Configuration);
        await using Node foreign = await Node.StartAsync(redis.Configuration, static options => options.Secret = Convert.ToBase64String(new byte[32]));
        a.Learn(1);
        foreign.Learn(1);
        foreign.Trusted().Vote(1);

        await Wait.UntilAsync(() => a.Replicator.Counters.Refused(Refusal.Forged) > 0, "refused");
        Assert.False(a.IsClean(1));
        Assert.Equal(0, a.Replicator.Counters.Applied);
    }

    private static byte[] Votes(EntrySeal seal, long counter, DateTimeOffset time)
    {
        byte[] key = new byte[ContentHash.Size];
        Fleet.Content(1).CopyTo(key);
        DefinitionsStamp stamp = DefinitionsStamp.Of(1, Fleet.Definitions(1).Digest);
        SharedVotes votes = new("default", "scanner", IsTrusted: true, LaneId.Of(Fleet.Engine, "").Value, stamp.Sequence, stamp.Digest.ToString("x32", null));
        return seal.Seal(new EntryHeader(EntryKind.Votes, 77, counter, time), votes.Write(key));
    }
}
