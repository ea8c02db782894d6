using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Integration.Documentation;

/// <summary>The snippets about files of a running system and the seals of base images.</summary>
public sealed class SealSnippets : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Scan_a_folder()
    {
        string folder = Directory.CreateDirectory(_folder["share"]).FullName;
        File.WriteAllBytes(Path.Combine(folder, "eicar.com"), Eicar.Bytes);
        Directory.CreateDirectory(Path.Combine(folder, "cache"));
        File.WriteAllBytes(Path.Combine(folder, "cache", "eicar.com"), Eicar.Bytes);
        IScanEngine engine = new SignatureEngine(SignatureDatabase.Embedded);
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;

        #region scan-a-folder
        LiveFileSource source = new(folder, new LiveFileOptions { Excluded = { Path.Combine(folder, "cache") } });

        ScanSummary summary = await new ScanSession(engine).RunAsync(source, cancellationToken);
        #endregion

        Assert.Equal((1, 1), (summary.Contents, summary.Infected));
    }
}
