using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server.Tests.Store;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Http;

public sealed class AccessTests
{
    private static readonly string Hash = new('a', 64);

    public static TheoryData<string, string, string, string?, ClientRoles> Requests => new()
    {
        { "asks", "POST", "/v1/lookups", "lookup", ClientRoles.Ask },
        { "votes", "POST", "/v1/votes", "votes", ClientRoles.Vote },
        { "looks at a file", "GET", $"/v1/files/{Hash}", null, ClientRoles.Ask },
        { "lists definitions", "GET", "/v1/definitions", null, ClientRoles.Ask },
        { "reports definitions", "POST", "/v1/definitions", "definitions", ClientRoles.Ask },
        { "sets definitions", "PUT", "/v1/definitions", "definitions", ClientRoles.Administer },
        { "follows recalls", "GET", "/v1/recalls?since=0", null, ClientRoles.Ask },
        { "recalls a content", "POST", "/v1/recalls", "recall", ClientRoles.Administer },
        { "asks whom a recall concerns", "GET", $"/v1/recalls/{Hash}", null, ClientRoles.Administer },
        { "lifts a recall", "DELETE", $"/v1/recalls/{Hash}", null, ClientRoles.Administer },
        { "retracts votes", "DELETE", "/v1/clients/asker/votes", null, ClientRoles.Administer },
        { "has a snapshot written", "POST", "/v1/snapshot", null, ClientRoles.Administer },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Each_request_takes_its_role_and_no_other_does(string who, string method, string path, string? body, ClientRoles role)
    {
        ClientRoles[] roles = [ClientRoles.Ask, ClientRoles.Vote, ClientRoles.TrustedScanner, ClientRoles.Administer];
        await using RunningServer server = await RunningServer.StartAsync(access =>
        {
            foreach (ClientRoles each in roles)
            {
                access.Clients.Add(RunningServer.ClientOf(each.ToString(), each, $"key of {each}"));
            }
        });

        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(server, key: null, method, path, body));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(server, "a wrong key", method, path, body));
        foreach (ClientRoles each in roles)
        {
            bool mayDo = each == role
                || (role == ClientRoles.Vote && each == ClientRoles.TrustedScanner)
                || (role == ClientRoles.Ask && (method == "POST" ? path.EndsWith("definitions", StringComparison.Ordinal) && each != ClientRoles.Administer : each == ClientRoles.Administer));
            HttpStatusCode status = await SendAsync(server, $"key of {each}", method, path, body);
            Assert.True(mayDo == (status is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)), $"{each} {who}: {status}");
        }
    }

    [Fact]
    public async Task A_password_and_a_key_name_the_same_client()
    {
        await using RunningServer server = await RunningServer.StartAsync(static access =>
        {
            ClientOptions client = RunningServer.ClientOf("agent", ClientRoles.Ask | ClientRoles.Vote, "the key");
            client.PasswordHash = ClientSecrets.HashPassword("the: password");
            access.Clients.Add(client);
        });
        server.Server.SetDefinitions("default", Fleet.Definitions(1));

        Assert.Equal((1, 0), await VoteAsync(server.Client("the key")));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal((0, 1), await VoteAsync(WithPassword(server, "agent", "the: password")));
        }

        using HttpResponseMessage wrong = await WithPassword(server, "agent", "a wrong one").PostAsync(Routes.Votes, RunningServer.Frame(RunningServer.Votes(VoteVerdict.Clean, 1)), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Unauthorized, "Basic"), (wrong.StatusCode, wrong.Headers.WwwAuthenticate.Single().Scheme));
    }

    [Fact]
    public async Task Passwords_cannot_be_tried_without_end_and_one_that_is_known_goes_on()
    {
        string hash = ClientSecrets.HashPassword("right");
        await using RunningServer server = await RunningServer.StartAsync(access => access.Clients.Add(new ClientOptions { Name = "agent", Roles = ClientRoles.Ask, PasswordHash = hash }));
        async Task<HttpStatusCode> Try(string password)
        {
            using HttpClient client = WithPassword(server, "agent", password);
            using HttpResponseMessage answer = await client.GetAsync(Routes.Definitions, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await Try("right"));
        for (int i = 0; i < 70; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await Try($"wrong {i}"));
        }

        Assert.Equal(HttpStatusCode.OK, await Try("right"));
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Basic Og==")]
    public async Task Credentials_that_are_none_are_refused(string header)
    {
        await using RunningServer server = await RunningServer.StartAsync(static access => access.Clients.Add(RunningServer.ClientOf("a", ClientRoles.Ask, "key")));
        using HttpClient client = server.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        using HttpResponseMessage answer = await client.GetAsync(Routes.Definitions, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_client_certificate_makes_the_server_fetch_nothing()
    {
        using TemporaryFolder folder = new();
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using X509Certificate2 authority = Certificate("CN=Fleet CA", issuer: null);
        using X509Certificate2 other = Certificate("CN=Another CA", issuer: null);
        await File.WriteAllTextAsync(folder["ca.pem"], authority.ExportCertificatePem(), TestContext.Current.CancellationToken);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=stranger", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [$"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/ca.cer"]));
        using X509Certificate2 stranger = request.Create(other, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3]);
        using CredentialBook book = new(new AccessOptions { CertificateIssuers = folder["ca.pem"] }, new ClientRegistry());

        Assert.Null(await book.FindByCertificateAsync(stranger, IPAddress.Loopback, TestContext.Current.CancellationToken));

        // Nor does TLS, which looks at it first, on the thread that serves connections.
        using X509Certificate2 own = Certificate("CN=localhost", authority);
        using X509Certificate2 shown = X509CertificateLoader.LoadPkcs12(stranger.CopyWithPrivateKey(key).Export(X509ContentType.Pfx), password: null);
        await using RunningServer server = await RunningServer.StartAsync(
            access => access.CertificateIssuers = folder["ca.pem"],
            listen: endpoint => endpoint.UseHttps(https =>
            {
                https.ServerCertificate = own;
                https.AllowInsightCacheCertificates();
            }));
        SocketsHttpHandler handler = HandlerWith(shown, own);
        handler.SslOptions.LocalCertificateSelectionCallback = null;
        handler.SslOptions.ClientCertificates = null;
        handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(shown, additionalCertificates: null, offline: true); // Nor may the client ask.
        using HttpResponseMessage answer = await server.Client(handler: () => handler).GetAsync("/v1/definitions", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);

        Assert.False(listener.Pending(), "the issuer was asked for at the address that the certificate names");
    }

    [Fact]
    public async Task Only_whoever_is_not_known_yet_waits_for_a_turn()
    {
        using TemporaryFolder folder = new();
        using X509Certificate2 authority = Certificate("CN=Fleet CA", issuer: null);
        using X509Certificate2 issued = Certificate("CN=clone 17", authority);
        await File.WriteAllTextAsync(folder["ca.pem"], authority.ExportCertificatePem(), TestContext.Current.CancellationToken);
        using CredentialBook book = new(new AccessOptions { CertificateIssuers = folder["ca.pem"] }, new ClientRegistry());
        CancellationToken noTime = new(canceled: true);
        async Task<uint> OfHostAsync(CancellationToken token) => (await book.IdentifyAsync("default", "agent", ClientRoles.Ask, IPAddress.Loopback, token)).Id;
        async Task<uint?> OfCertificateAsync(CancellationToken token) => (await book.FindByCertificateAsync(issued, IPAddress.Loopback, token))?.Id;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OfHostAsync(noTime));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OfCertificateAsync(noTime));
        Assert.Equal((1u, 2u), (await OfHostAsync(TestContext.Current.CancellationToken), await OfCertificateAsync(TestContext.Current.CancellationToken)));

        Assert.Equal((1u, 2u), (await OfHostAsync(noTime), await OfCertificateAsync(noTime)));
    }

    [Fact]
    public async Task Sources_take_turns_and_none_has_more_waiting_than_it_may()
    {
        using Turns turns = new(waiting: 2);
        using SemaphoreSlim isBusy = new(0);
        using SemaphoreSlim mayGoOn = new(0);
        List<string> done = [];
        IPAddress attacker = IPAddress.Parse("198.51.100.1");
        Task<string?> TakeAsync(string what, IPAddress source) => turns.TakeAsync(
            source,
            () =>
            {
                isBusy.Release();
                mayGoOn.Wait();
                done.Add(what);
                return what;
            },
            TestContext.Current.CancellationToken).AsTask();

        // If anything of it was done on this thread, the test would end here.
        Task[] all =
        [
            TakeAsync("attacker 1", attacker),
            TakeAsync("attacker 2", attacker),
            TakeAsync("attacker 3", attacker),
            TakeAsync("other 1", IPAddress.Parse("198.51.100.2")),
            TakeAsync("other 2", IPAddress.Parse("198.51.100.3")),
        ];
        await isBusy.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Null(await TakeAsync("attacker 4", attacker));
        mayGoOn.Release(all.Length);
        await Task.WhenAll(all);

        Assert.Equal(["attacker 1", "other 1", "other 2", "attacker 2", "attacker 3"], done);
    }

    [Theory]
    [InlineData("198.51.100.1", "198.51.100.1")]
    [InlineData("::ffff:198.51.100.1", "198.51.100.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("fe80::1%3", "fe80::")]
    public void One_source_is_an_address_or_a_network_in_which_addresses_are_free(string address, string source)
        => Assert.Equal(IPAddress.Parse(source), Turns.SourceOf(IPAddress.Parse(address)));

    [Fact]
    public async Task Client_certificates_name_clients_by_their_key_or_by_who_issued_them()
    {
        using TemporaryFolder folder = new();
        using X509Certificate2 authority = Certificate("CN=Fleet CA", issuer: null);
        using X509Certificate2 known = Certificate("CN=known", issuer: null);
        using X509Certificate2 issued = Certificate("CN=clone 17", authority);
        using X509Certificate2 stranger = Certificate("CN=clone 17", issuer: null);
        using X509Certificate2 own = Certificate("CN=localhost", issuer: null);
        await File.WriteAllTextAsync(folder["ca.pem"], authority.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await using RunningServer server = await RunningServer.StartAsync(
            access =>
            {
                access.CertificateIssuers = folder["ca.pem"];
                access.Clients.Add(new ClientOptions
                {
                    Name = "known",
                    Roles = ClientRoles.Ask | ClientRoles.TrustedScanner,
                    CertificateKeyHashes = { ContentHash.Compute(known.PublicKey.ExportSubjectPublicKeyInfo()).ToString() },
                });
            },
            listen: endpoint => endpoint.UseHttps(https =>
            {
                https.ServerCertificate = own;
                https.AllowInsightCacheCertificates();
            }).ReleaseTlsBuffersWhenIdle());
        server.Server.SetDefinitions("default", Fleet.Definitions(1));

        Assert.Equal((1, 0), await VoteAsync(server.Client(handler: () => HandlerWith(issued, own))));
        Assert.Equal((0, 0), await VoteAsync(server.Client(handler: () => HandlerWith(known, own))));
        await Assert.ThrowsAsync<HttpRequestException>(() => VoteAsync(server.Client(handler: () => HandlerWith(stranger, own))));
        Assert.Contains("clone 17", server.Server.Clients.NameOf(2), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody is named: this machine votes", false, null, null, HttpStatusCode.OK)]
    [InlineData("a proxy speaks for somebody else", false, "X-Forwarded-For", "198.51.100.1", HttpStatusCode.Unauthorized)]
    [InlineData("a proxy names only the address", false, "X-Real-IP", "198.51.100.1", HttpStatusCode.Unauthorized)]
    [InlineData("a page of another site speaks through a browser", false, "Origin", "https://example.org", HttpStatusCode.Unauthorized)]
    [InlineData("a name was bent to this machine", false, "Host", "example.org", HttpStatusCode.Unauthorized)]
    [InlineData("anyone votes", true, "X-Forwarded-For", "198.51.100.1", HttpStatusCode.OK)]
    public async Task Votes_without_credentials_count_from_this_machine_or_where_voting_is_open(string because, bool open, string? header, string? value, HttpStatusCode expected)
    {
        await using RunningServer server = await RunningServer.StartAsync(options: options => options.OpenVoting = open);
        server.Server.SetDefinitions("default", Fleet.Definitions(1));
        using HttpClient client = server.Client();
        if (header is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        }

        using HttpResponseMessage answer = await client.PostAsync(Routes.Votes, RunningServer.Frame(RunningServer.Votes(VoteVerdict.Clean, 1)), TestContext.Current.CancellationToken);

        Assert.True(expected == answer.StatusCode, because);
    }

    [Fact]
    public async Task Where_credentials_exist_this_machine_has_no_rights_without_them()
    {
        await using RunningServer server = await RunningServer.StartAsync(static access =>
        {
            access.Clients.Add(RunningServer.ClientOf("a", ClientRoles.Ask, "key"));
            access.AnonymousAsk = true;
        });

        Assert.Equal(HttpStatusCode.OK, await SendAsync(server, null, "POST", Routes.Lookups, "lookup"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(server, null, "POST", Routes.Votes, "votes"));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(server, null, "PUT", Routes.Definitions, "definitions"));
    }

    [Fact]
    public async Task Tenants_see_nothing_of_each_other()
    {
        await using RunningServer server = await RunningServer.StartAsync(static access =>
        {
            access.Clients.Add(RunningServer.ClientOf("one", ClientRoles.Ask | ClientRoles.TrustedScanner | ClientRoles.Administer, "key 1", "one"));
            access.Clients.Add(RunningServer.ClientOf("two", ClientRoles.Ask | ClientRoles.TrustedScanner | ClientRoles.Administer, "key 2", "two"));
        });
        Assert.Equal(HttpStatusCode.OK, await SendAsync(server, "key 1", "PUT", Routes.Definitions, "definitions"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(server, "key 1", "POST", Routes.Votes, "votes"));

        using HttpClient two = server.Client("key 2");
        Assert.Equal("[]", await two.GetStringAsync(Routes.Definitions, TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(server, "key 2", "DELETE", "/v1/clients/one/votes", null));
    }

    [Fact]
    public async Task A_client_that_asks_too_fast_is_told_to_come_back()
    {
        await using RunningServer server = await RunningServer.StartAsync(static access => access.LookupsPerSecond = 500);
        byte[] frame = RunningServer.Lookup([.. Enumerable.Range(0, 4096)]);
        using HttpClient client = server.Client();
        using HttpResponseMessage first = await client.PostAsync(Routes.Lookups, RunningServer.Frame(frame), TestContext.Current.CancellationToken);
        using HttpResponseMessage second = await client.PostAsync(Routes.Lookups, RunningServer.Frame(frame), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (first.StatusCode, second.StatusCode));
        Assert.Equal(TimeSpan.FromSeconds(1), second.Headers.RetryAfter?.Delta);
    }

    [Theory]
    [InlineData("a client without credentials", "has no credentials")]
    [InlineData("two clients of one name", "are named")]
    [InlineData("two clients with one key", "another client")]
    [InlineData("a key hash that is none", "64 hexadecimal digits")]
    [InlineData("a name with a line break", "Name")]
    [InlineData("no role", "no role")]
    public async Task A_wrong_list_of_clients_keeps_the_server_from_starting(string because, string message)
    {
        ClientOptions first = RunningServer.ClientOf("a", ClientRoles.Ask, "key");
        ClientOptions second = RunningServer.ClientOf("b", ClientRoles.Ask, "other key");
        _ = because switch
        {
            "a client without credentials" => (object)(second = new ClientOptions { Name = "b", Roles = ClientRoles.Ask }),
            "two clients of one name" => second.Name = "A",
            "two clients with one key" => second = RunningServer.ClientOf("b", ClientRoles.Ask, "key"),
            "a key hash that is none" => second.ApiKeyHashes[0] = "secret",
            "a name with a line break" => second.Name = "b\nc",
            _ => second.Roles = ClientRoles.None,
        };

        Exception failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => RunningServer.StartAsync(access =>
        {
            access.Clients.Add(first);
            access.Clients.Add(second);
        }));
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<(int Pending, int Duplicate)> VoteAsync(HttpClient client)
    {
        using (client)
        {
            using HttpResponseMessage answer = await client.PostAsync(Routes.Votes, RunningServer.Frame(RunningServer.Votes(VoteVerdict.Clean, 1)), TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
            VoteAnswerFrame frame = VoteAnswerFrame.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), 1);
            return (frame.Pending, frame.Duplicate);
        }
    }

    private static async Task<HttpStatusCode> SendAsync(RunningServer server, string? key, string method, string path, string? body)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        request.Content = body switch
        {
            "lookup" => RunningServer.Frame(RunningServer.Lookup(1)),
            "votes" => RunningServer.Frame(RunningServer.Votes(VoteVerdict.Clean, 1)),
            "definitions" => RunningServer.Json(JsonSerializer.Serialize(Fleet.Definitions(1), InsightCacheJson.Default.DefinitionsDocument)),
            "recall" => RunningServer.Json($$"""{"hash":"{{Hash}}"}"""),
            _ => null,
        };
        using HttpClient client = server.Client(key);
        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static HttpClient WithPassword(RunningServer server, string name, string password)
    {
        HttpClient client = server.Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));
        return client;
    }

    private static SocketsHttpHandler HandlerWith(X509Certificate2 certificate, X509Certificate2 server) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = [certificate],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == server.GetCertHashString(),
        },
    };

    private static X509Certificate2 Certificate(string subject, X509Certificate2? issuer)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        DateTimeOffset from = DateTimeOffset.UtcNow.AddMinutes(-5);
        if (issuer is null)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
            using X509Certificate2 selfSigned = request.CreateSelfSigned(from, from.AddDays(2));
            return X509CertificateLoader.LoadPkcs12(selfSigned.Export(X509ContentType.Pfx), password: null);
        }

        using X509Certificate2 signed = request.Create(issuer, from, from.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), password: null);
    }
}
