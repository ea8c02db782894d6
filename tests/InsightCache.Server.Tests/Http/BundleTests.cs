using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.InsightCache.Server.Tests.Store;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Http;

public sealed class BundleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BundleTests()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_folder["private.pem"], key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        File.WriteAllText(_folder["public.pem"], key.ExportSubjectPublicKeyInfoPem());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verdicts_travel_to_a_site_without_a_network_and_can_be_taken_back()
    {
        byte[] bundle = await ExportAsync(1);
        await using RunningServer site = await SiteAsync(1);
        site.Server.Store.Recalls.RecallForGood("default", Fleet.Content(2), null);

        ImportDocument done = (await ImportAsync(site, bundle))!;

        Assert.Equal((2, 1), (done.Imported, done.Skipped));
        Assert.Equal([true, false, true, false], new[] { 1, 2, 3, 4 }.Select(content => site.Server.Store.Describe("default", Fleet.Content(content)).Count > 0));
        await site.Server.RetractAsync("default", $"bundle {done.Signer}", Token);
        Assert.Empty(site.Server.Store.Describe("default", Fleet.Content(1)));
    }

    [Fact]
    public async Task A_verdict_from_before_a_recall_that_has_ended_is_not_taken_over()
    {
        byte[] bundle = await ExportAsync(1);
        await using RunningServer site = await SiteAsync(1);
        site.Server.Store.Recalls.RecallForGood("default", Fleet.Content(2), null);
        site.Server.Store.Recalls.Lift("default", Fleet.Content(2));

        ImportDocument done = (await ImportAsync(site, bundle))!;

        Assert.Equal((2, 1), (done.Imported, done.Skipped));
        Assert.Empty(site.Server.Store.Describe("default", Fleet.Content(2)));
    }

    [Fact]
    public async Task Verdicts_of_other_definitions_are_not_taken_over()
    {
        byte[] bundle = await ExportAsync(1);
        await using RunningServer site = await SiteAsync(2);

        ImportDocument done = (await ImportAsync(site, bundle))!;

        Assert.Equal((0, 3), (done.Imported, done.Skipped));
    }

    [Theory]
    [InlineData("a changed verdict", -70)]
    [InlineData("a changed header", 20)]
    [InlineData("a changed signature", -1)]
    public async Task A_bundle_that_was_changed_is_refused_as_a_whole(string because, int at)
    {
        byte[] bundle = await ExportAsync(1);
        bundle[at < 0 ? bundle.Length + at : at] ^= 1;
        await using RunningServer site = await SiteAsync(1);

        Assert.True(await ImportAsync(site, bundle) is null, because);
        Assert.Equal(0, site.Server.Store.Table.Count);
    }

    [Fact]
    public async Task A_site_with_compact_keys_takes_verdicts_over_and_says_why_it_exports_none()
    {
        byte[] bundle = await ExportAsync(1);
        await using RunningServer site = await SiteAsync(1, compactKeys: true);
        using HttpClient client = site.Client();

        ImportDocument done = (await ImportAsync(site, bundle))!;
        using HttpResponseMessage export = await client.GetAsync(Routes.Bundle, Token);

        Assert.Equal((3, 0), (done.Imported, done.Skipped));
        Assert.Single(site.Server.Store.Describe("default", Fleet.Content(2)));
        Assert.Equal(HttpStatusCode.Conflict, export.StatusCode);
        Assert.Contains("CompactKeys", await export.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bundle_of_somebody_else_is_refused()
    {
        byte[] bundle = await ExportAsync(1);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(_folder["public.pem"], other.ExportSubjectPublicKeyInfoPem(), Token);
        await using RunningServer site = await SiteAsync(1);

        Assert.Null(await ImportAsync(site, bundle));
    }

    [Fact]
    public async Task Bytes_that_are_no_bundle_are_refused()
    {
        await using RunningServer site = await SiteAsync(1);

        foreach (int length in new[] { 0, 1, 64, 72, 73, 5000 })
        {
            Assert.Null(await ImportAsync(site, new byte[length]));
        }
    }

    public void Dispose() => _folder.Dispose();

    private async Task<byte[]> ExportAsync(long sequence)
    {
        await using RunningServer server = await RunningServer.StartAsync(options: options =>
        {
            options.Bundles.SigningKey = _folder["private.pem"];
            options.Bundles.SigningKeyPassword = "secret";
        });
        server.Server.SetDefinitions("default", Fleet.Definitions(sequence));
        using HttpClient client = server.Client();
        (await client.PostAsync(Routes.Votes, RunningServer.Frame(RunningServer.Votes(VoteVerdict.Clean, 1, 2, 3)), Token)).Dispose();
        return await client.GetByteArrayAsync(Routes.Bundle, Token);
    }

    private async Task<RunningServer> SiteAsync(long sequence, bool compactKeys = false)
    {
        RunningServer site = await RunningServer.StartAsync(options: options =>
        {
            options.DataFolder = _folder["data"];
            options.CompactKeys = compactKeys;
            options.Bundles.SigningKey = compactKeys ? _folder["private.pem"] : null;
            options.Bundles.TrustedKeys.Add(_folder["public.pem"]);
        });
        site.Server.SetDefinitions("default", Fleet.Definitions(sequence));
        return site;
    }

    private static async Task<ImportDocument?> ImportAsync(RunningServer site, byte[] bundle)
    {
        using HttpClient client = site.Client();
        using ByteArrayContent content = new(bundle);
        using HttpResponseMessage answer = await client.PostAsync(Routes.Bundle, content, Token);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, answer.StatusCode.ToString());
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync(InsightCacheJson.Default.ImportDocument, Token) : null;
    }
}
