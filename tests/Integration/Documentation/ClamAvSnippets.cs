using System.Net.Sockets;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.ClamAv;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Integration.Documentation;

/// <summary>The snippets about ClamAV, each run once.</summary>
[Collection(nameof(Console))]
public sealed class ClamAvSnippets : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Scan_with_libclamav()
    {
        Peer.Require("clamscan");
        File.WriteAllText(_folder["local.hdb"], "e8dc4081b13434b45189a720b77b6818:8:Local.Abc\n");
        string definitions = _folder.Path;
        byte[] bytes = "abcdefgh"u8.ToArray();
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;

        #region scan-with-libclamav
        using LibClamAvEngine engine = new(new LibClamAvOptions { DatabasePath = definitions });

        using MemoryContent content = new("attachment.bin", bytes);
        EngineVerdict answer = engine.Scan(content, hash: null, cancellationToken);

        Console.WriteLine(answer.Verdict);   // Infected: Local.Abc.UNOFFICIAL
        #endregion

        Assert.Equal("Infected: Local.Abc.UNOFFICIAL", answer.Verdict.ToString());
    }

    [Fact]
    public void Scan_with_clamd()
    {
        if (Path.Exists(ClamdOptions.DefaultSocket))
        {
            Connect();
        }
        else
        {
            Assert.Contains(ClamdOptions.DefaultSocket, Assert.Throws<ClamAvException>(Connect).Message, StringComparison.Ordinal);
        }
    }

    private static void Connect()
    {
        #region scan-with-clamd
        using ClamdEngine engine = new(new ClamdOptions { EndPoint = new UnixDomainSocketEndPoint("/run/clamav/clamd.ctl") });
        #endregion

        Assert.Equal("clamd", engine.Name);
    }
}
