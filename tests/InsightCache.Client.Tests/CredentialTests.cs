using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>Who asks, and who answers.</summary>
public class CredentialTests
{
    private readonly CountingEngine _engine = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_policy_and_a_secret_are_enough_for_a_user_with_a_password()
    {
        await using LiveServer server = await StartAsync(static access => access.Clients.Add(new ClientOptions
        {
            Name = "alice", Roles = ClientRoles.Ask | ClientRoles.TrustedScanner, PasswordHash = ClientSecrets.HashPassword("pass:word"),
        }));
        ScanPolicy policy = new(insightCache: new InsightCachePolicy { Enabled = true, Address = server.Address, UserName = "alice" });

        await AssertVotesAsync(InsightCacheConnection.Open(policy, "pass:word")!);
        await AssertRefusedAsync(InsightCacheConnection.Open(policy, "wrong")!, 401);
    }

    [Fact]
    public async Task A_policy_without_a_user_has_the_secret_shown_as_an_API_key()
    {
        await using LiveServer server = await StartAsync();
        ScanPolicy policy = new(insightCache: new InsightCachePolicy { Enabled = true, Address = server.Address });

        await AssertVotesAsync(InsightCacheConnection.Open(policy, LiveServer.KeyOf("scanner"))!);
        await AssertRefusedAsync(InsightCacheConnection.Open(policy, "wrong")!, 401);
        await AssertRefusedAsync(InsightCacheConnection.Open(policy)!, 401);
    }

    [Fact]
    public async Task A_client_certificate_is_shown()
    {
        using X509Certificate2 shown = Certificate("agent");
        using X509Certificate2 own = Certificate("localhost");
        await using LiveServer server = await StartAsync(
            access => access.Clients.Add(new ClientOptions
            {
                Name = "agent", Roles = ClientRoles.Ask | ClientRoles.TrustedScanner, CertificateKeyHashes = { KeyHash(shown).ToString() },
            }),
            own);

        await AssertVotesAsync(new InsightCacheConnection(new InsightCacheClientOptions { Address = server.Address, PinnedKey = KeyHash(own), ClientCertificate = shown }));
    }

    [Fact]
    public async Task A_pinned_key_is_trusted_whoever_signed_it()
    {
        using X509Certificate2 own = Certificate("some.other.name");
        await using LiveServer server = await StartAsync(certificate: own);
        ScanPolicy policy = new(insightCache: new InsightCachePolicy { Enabled = true, Address = server.Address, PinnedKey = KeyHash(own) });

        await AssertVotesAsync(InsightCacheConnection.Open(policy, LiveServer.KeyOf("scanner"))!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_shows_another_key_is_told_nothing_and_everything_is_scanned(bool isPinned)
    {
        using X509Certificate2 own = Certificate("localhost");
        await using LiveServer server = await StartAsync(certificate: own);
        InsightCacheClientOptions options = server.OptionsFor("scanner");
        options.PinnedKey = isPinned ? ContentHash.Compute("another key"u8) : null;
        await using Machine machine = new(options, _engine);
        int before = server.Requests.Count;

        MemoryReport report = await machine.ScanAsync("a", "b");
        InsightCacheException e = await Assert.ThrowsAsync<InsightCacheException>(
            () => machine.Connection.Client.LookupAsync(machine.Scope, new[] { Words.HashOf("a") }, wantsLeases: false, Token));

        Assert.Equal((2, before, InsightCacheFault.Untrusted), (report.Scanned, server.Requests.Count, e.Fault));
    }

    [Fact]
    public async Task A_redirection_is_not_followed_with_credentials()
    {
        await using LiveServer thief = await LiveServer.StartAsync();
        await using LiveServer server = await StartAsync();
        server.Before = context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = thief.Address.AbsoluteUri + "v1/lookups";
            return Task.FromResult(true);
        };

        await AssertRefusedAsync(new InsightCacheConnection(server.OptionsFor("scanner")), 307);

        Assert.Empty(thief.Requests);
    }

    [Fact]
    public void Credentials_without_encryption_are_warned_of_except_on_this_machine()
    {
        Logs logs = new();
        using InsightCacheConnection here = new(new InsightCacheClientOptions { Address = new Uri("http://127.0.0.1:9005"), ApiKey = "k" }, loggers: logs);
        Assert.Empty(logs.Collector.GetSnapshot());

        using InsightCacheConnection there = new(new InsightCacheClientOptions { Address = new Uri("http://cache.test:9005"), ApiKey = "k" }, loggers: logs);
        Assert.Equal("Credentials are shown to cache.test without encryption; whoever listens can vote with them.", Assert.Single(logs.Collector.GetSnapshot()).Message);
    }

    [Fact]
    public void Wrong_options_are_refused_all_at_once()
    {
        InsightCacheClientOptions options = new()
        {
            Address = new Uri("ftp://cache.test"),
            ApiKey = "k\r\nX: y",
            UserName = "a:b",
            PinnedKey = default(ContentHash),
            ClientName = "a name",
            LatencyBudget = TimeSpan.Zero,
            AuditShare = double.NaN,
            VoteBatch = 5000,
        };

        Assert.Equal(
            """
            Address: an absolute http or https address is needed, without a query and without credentials.
            PinnedKey: a key is shown only by an https address.
            ApiKey: it is shown instead of UserName and Password, not together with them.
            Password: it is needed together with UserName.
            ApiKey: visible ASCII characters are needed.
            UserName: a colon is not allowed.
            ClientName: 1 to 64 letters, digits or hyphens are needed.
            LatencyBudget: 00:00:00 is not from 00:00:00.0100000 to 00:00:30.
            AuditShare: NaN is not from 0 to 1.
            VoteBatch: 5000 is not from 1 to 4096.
            """.ReplaceLineEndings("\n"),
            string.Join('\n', Assert.Throws<OptionsValidationException>(() => new InsightCacheConnection(options)).Failures));
    }

    private static ContentHash KeyHash(X509Certificate2 certificate) => ContentHash.Compute(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    private static X509Certificate2 Certificate(string name)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private static async Task<LiveServer> StartAsync(Action<AccessOptions>? access = null, X509Certificate2? certificate = null)
        => await LiveServer.StartAsync([("scanner", ClientRoles.Ask | ClientRoles.TrustedScanner)], certificate: certificate, access: access);

    private async Task AssertVotesAsync(InsightCacheConnection connection)
    {
        await using Machine machine = new(connection, _engine);
        VoteAnswerFrame answer = await connection.Client.VoteAsync(machine.Scope, new[] { new Vote(Words.HashOf("a"), VoteVerdict.Clean) }, Token);
        Assert.Equal((DefinitionsStanding.Unknown, 1), (answer.Standing, answer.Stale));
    }

    private async Task AssertRefusedAsync(InsightCacheConnection connection, int status)
    {
        await using Machine machine = new(connection, _engine);
        InsightCacheException e = await Assert.ThrowsAsync<InsightCacheException>(
            () => connection.Client.LookupAsync(machine.Scope, new[] { Words.HashOf("a") }, wantsLeases: false, Token));
        Assert.Equal((InsightCacheFault.Refused, status), (e.Fault, (int)e.StatusCode!));
        Assert.Equal(ExemptionKind.Scan, Assert.Single(await FaultTests.AskAsync(machine, "a")).Kind);
    }
}
