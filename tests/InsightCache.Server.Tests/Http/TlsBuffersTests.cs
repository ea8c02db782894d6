using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Http;

public sealed class TlsBuffersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Fails on the runtime or the OpenSSL under which it no longer works, which nothing else would show but the memory.</summary>
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task OpenSSL_is_told_to_keep_no_buffers_and_whatever_is_sent_arrives(SslProtocols protocol)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "OpenSSL does TLS on Linux only.");
        (SslStream server, SslStream client) = await ConnectAsync(protocol);
        await using (server)
        await using (client)
        {
            Assert.True(TlsBuffers.ReleaseWhenIdle(server));

            foreach (int size in (int[])[1, 100, 4096, 16_384, 16_385, 100_000, 3])
            {
                byte[] sent = RandomNumberGenerator.GetBytes(size);
                await Task.WhenAll(client.WriteAsync(sent, Token).AsTask(), EchoAsync(server, size));
                byte[] received = new byte[size];
                await client.ReadExactlyAsync(received, Token);
                Assert.Equal(sent, received);
            }
        }
    }

    private static async Task EchoAsync(SslStream stream, int size)
    {
        byte[] bytes = new byte[size];
        await stream.ReadExactlyAsync(bytes, Token);
        await stream.WriteAsync(bytes, Token);
    }

    private static async Task<(SslStream Server, SslStream Client)> ConnectAsync(SslProtocols protocol)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        TcpClient near = new();
        await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Token);
        SslStream client = new(near.GetStream());
        SslStream server = new((await listener.AcceptTcpClientAsync(Token)).GetStream());
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = protocol }, Token),
            client.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString(),
                },
                Token));
        return (server, client);
    }
}
