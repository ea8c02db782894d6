using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

/// <summary>A server without its wire, and clients that speak to it.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    public const string Engine = "clamav";

    public Fleet(Action<InsightCacheServerOptions>? configure = null, FakeTimeProvider? time = null)
    {
        Time = time ?? new FakeTimeProvider(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));
        Options = new InsightCacheServerOptions { Memory = "2MiB", SnapshotInterval = TimeSpan.Zero };
        configure?.Invoke(Options);
        Server = Make(Options, Time);
        Server.StartingAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    public FakeTimeProvider Time { get; }

    public InsightCacheServerOptions Options { get; }

    public CacheServer Server { get; }

    public VerdictStore Store => Server.Store;

    /// <summary>Makes a server that is not started.</summary>
    public static CacheServer Make(InsightCacheServerOptions options, TimeProvider time) => new(
        Microsoft.Extensions.Options.Options.Create(options), Microsoft.Extensions.Options.Options.Create(new AccessOptions()), time, NullLogger<CacheServer>.Instance);

    public static ContentHash Content(int number) => ContentHash.Compute(BitConverter.GetBytes(number));

    public static DefinitionsDocument Definitions(long sequence, string digest = "") => new()
    {
        Engine = Engine,
        Version = sequence.ToString(CultureInfo.InvariantCulture),
        Sequence = sequence,
        Digest = ContentHash.Compute(System.Text.Encoding.UTF8.GetBytes($"{sequence}{digest}")),
    };

    public Machine Client(string name, ClientRoles roles = ClientRoles.Ask | ClientRoles.Vote, string tenant = ClientIdentity.DefaultTenant, string machine = "")
        => new(Server, new ClientIdentity(Server.Clients.IdOf(tenant, name), name, tenant, roles), unchecked((uint)(machine.Length == 0 ? name : machine).GetHashCode(StringComparison.Ordinal)));

    public Machine Anonymous(uint machine = 1) => new(Server, new ClientIdentity(0, "anonymous", ClientIdentity.DefaultTenant, ClientRoles.Ask | ClientRoles.Vote), machine);

    public Machine Trusted(string name = "scanner") => Client(name, ClientRoles.Ask | ClientRoles.TrustedScanner);

    public Fleet With(long sequence, string tenant = ClientIdentity.DefaultTenant)
    {
        Server.SetDefinitions(tenant, Definitions(sequence));
        return this;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>A machine that shows the credentials of a client.</summary>
internal sealed class Machine(CacheServer server, ClientIdentity client, uint holder)
{
    public ClientIdentity Identity => client;

    /// <summary>Gets the definitions that the machine scans with.</summary>
    public DefinitionsDocument Definitions { get; private set; } = Fleet.Definitions(1);

    public Machine With(long sequence, string digest = "")
    {
        Definitions = Fleet.Definitions(sequence, digest);
        return this;
    }

    public LookupAnswer Ask(int content, bool leases = false) => Ask([content], leases)[0];

    public LookupAnswer[] Ask(int[] contents, bool leases = false) => AskAll(contents, leases).Answers;

    public (LookupSummary Summary, LookupAnswer[] Answers) AskAll(int[] contents, bool leases = false)
    {
        int plane = LookupAnswerFrame.PlaneLength(contents.Length);
        byte[] clean = new byte[plane];
        byte[] wait = new byte[plane];
        LookupSummary summary = server.Store.Lookup(client, holder, Header(FrameKind.Lookup, contents.Length) with { WantsLeases = leases }, Keys(contents), clean, wait);
        return (summary, [.. contents.Select((_, i) => (clean[i >> 3] >> (i & 7) & 1) != 0 ? LookupAnswer.Clean : (wait[i >> 3] >> (i & 7) & 1) != 0 ? LookupAnswer.Wait : LookupAnswer.Scan)]);
    }

    public VoteAnswerFrame Vote(int content, VoteVerdict verdict = VoteVerdict.Clean) => Vote([content], verdict);

    public VoteAnswerFrame Vote(int[] contents, VoteVerdict verdict = VoteVerdict.Clean)
        => server.Vote(client, holder, Header(FrameKind.Vote, contents.Length), Keys(contents), Enumerable.Repeat((byte)verdict, contents.Length).ToArray());

    public DefinitionsReport Report() => server.Report(client, Definitions).Report;

    private static byte[] Keys(int[] contents)
    {
        byte[] keys = new byte[contents.Length * ContentHash.Size];
        for (int i = 0; i < contents.Length; i++)
        {
            Fleet.Content(contents[i]).CopyTo(keys.AsSpan(i * ContentHash.Size));
        }

        return keys;
    }

    private FrameHeader Header(FrameKind kind, int count)
        => new(kind, WantsLeases: false, count, LaneId.Of(Definitions.Engine, Definitions.Profile), DefinitionsStamp.Of(Definitions.Sequence, Definitions.Digest));
}
