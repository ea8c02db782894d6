using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;
using Symantec.Virtualization.Scanning.Signatures;

#pragma warning disable xUnit1051 // The snippets are written as their readers will write them, outside tests.

namespace Symantec.Virtualization.Integration.Documentation;

/// <summary>The snippets about files of a running system and the seals of base images.</summary>
[Collection(nameof(Console))]
public sealed class SealSnippets : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private readonly TextWriter _console = Console.Out;

    public void Dispose()
    {
        Console.SetOut(_console);
        _folder.Dispose();
    }

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

    [Fact]
    public async Task Seal_an_image_and_skip_what_is_sealed()
    {
        string root = Directory.CreateDirectory(_folder["image"]).FullName;
        File.WriteAllText(Path.Combine(root, "file"), "content");
        IScanEngine engine = new SignatureEngine(SignatureDatabase.Embedded);
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        string keyFile = _folder["key.pem"];
        string publicKeyFile = _folder["key.pub"];
        string password = "correct horse";
        using (SealKey made = SealKey.Create())
        {
            File.WriteAllText(keyFile, made.ToPem(password));
            File.WriteAllText(publicKeyFile, made.PublicKey.ToPem());
        }

        StringWriter output = new();
        Console.SetOut(output);

        #region seal-an-image
        using SealKey key = SealKey.FromPem(File.ReadAllText(keyFile), password);

        SealOutcome outcome = await new ImageSealer(new ImageSealerOptions
        {
            Root = root,
            SealPath = SealPlace.Of(root),
            Key = key,
            Engine = engine,
        }).SealAsync(cancellationToken);

        Console.WriteLine($"{outcome.Sealed} files sealed, {outcome.CarriedOver} of them without a scan; {outcome.UnsealedCount} not sealed");
        #endregion

        Assert.Contains("1 files sealed, 0 of them without a scan; 0 not sealed", output.ToString(), StringComparison.Ordinal);
        ScanPolicy policy = new() { VirtualImages = new VirtualImagesPolicy { OnDemand = true } };

        #region skip-what-is-sealed
        SealTrust trust = SealTrust.Of(policy, [SealPublicKey.FromPem(File.ReadAllText(publicKeyFile))]);
        using SealedImage image = SealedImage.Open(SealPlace.Of(root), trust);

        ScanSessionOptions session = new() { Policy = policy, Trigger = ScanTrigger.Scheduled };
        foreach (IScanExemption exemption in ImageExemption.For([image]))
        {
            session.Exemptions.Add(exemption);
        }

        ScanSummary summary = await new ScanSession(engine, session).RunAsync(new LiveFileSource(root), cancellationToken);
        #endregion

        Assert.Equal((2, 1), (summary.Contents, summary.Skipped));
    }
}
