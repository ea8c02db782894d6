using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Integration.EndpointAgent;

/// <summary>An agent over HTTPS, and which manager it believes.</summary>
public sealed class ManagerKeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = HostProcess.FreePort();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_manager_that_shows_the_pinned_key_is_believed_without_an_authority()
    {
        await using HostProcess manager = await StartManagerAsync();

        await using AgentProgram agent = await StartAgentAsync(manager, Convert.ToHexStringLower(SHA256.HashData(_key.ExportSubjectPublicKeyInfo())));

        await agent.Process.WaitForAsync("This machine is client");
    }

    [Theory]
    [InlineData("another key is pinned", true)]
    [InlineData("no key is pinned, and no authority vouches", false)]
    public async Task A_manager_that_is_not_believed_is_told_nothing(string why, bool pinned)
    {
        Assert.NotEmpty(why);
        await using HostProcess manager = await StartManagerAsync();

        await using AgentProgram agent = await StartAgentAsync(manager, pinned ? new string('0', 64) : null);

        await agent.Process.WaitForAsync("The manager is away");
        Assert.DoesNotContain("This machine is client", agent.Process.Log, StringComparison.Ordinal);
    }

    private string[] ManagerSettings() => [$"--Manager:DataFolder={_folder["manager"]}", $"--Manager:FirstPasswordFile={_folder["first-password"]}"];

    private async Task<HostProcess> StartManagerAsync()
    {
        using X509Certificate2 certificate = new CertificateRequest("CN=localhost", _key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_folder["manager.pem"], certificate.ExportCertificatePem());
        File.WriteAllText(_folder["manager.key"], _key.ExportPkcs8PrivateKeyPem());
        HostProcess manager = HostProcess.Start(
            HostProcess.ProgramOf("ManagerHost"),
            [.. ManagerSettings(), "--Manager:Listen=localhost", $"--Manager:Port={_port}", $"--Manager:Certificate={_folder["manager.pem"]}", $"--Manager:CertificateKey={_folder["manager.key"]}"]);
        await manager.WaitForAsync("listening on");
        return manager;
    }

    private Task<AgentProgram> StartAgentAsync(HostProcess manager, string? key)
    {
        ProgramRun token = ProgramRun.Of(HostProcess.ProgramOf("ManagerHost"), ["new-token", .. ManagerSettings()]);
        Assert.True(token.ExitCode == 0, token.Errors + manager.Log);
        return AgentProgram.StartAsync(_folder["data"], [$"Manager=https://localhost:{_port}/", $"EnrolmentToken={token.Output.Trim()}", .. key is null ? [] : new[] { $"ManagerKey={key}" }]);
    }
}
