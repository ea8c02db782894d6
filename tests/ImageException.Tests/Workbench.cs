using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.ImageException.Tests;

/// <summary>A key, an engine and a place outside the image: what sealing takes.</summary>
internal sealed class Workbench : IDisposable
{
    public TemporaryFolder Folder { get; } = new();

    public SealKey Key { get; } = SealKey.Create();

    public CountingEngine Engine { get; } = new();

    public SealTrust Trust => SealTrust.In(Key.PublicKey);

    public SealTrust TrustWith(SealCheck check) => new([Key.PublicKey], new VirtualImagesPolicy { Check = check });

    public void Dispose()
    {
        Key.Dispose();
        Folder.Dispose();
    }

    public ImageSealerOptions Options(string root) => new() { Root = root, SealPath = SealPlace.Of(root), Key = Key, Engine = Engine, MaxConcurrency = 2 };

    public Task<SealOutcome> SealAsync(string root, Action<ImageSealerOptions>? configure = null)
    {
        ImageSealerOptions options = Options(root);
        configure?.Invoke(options);
        return new ImageSealer(options).SealAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Scans a folder as a clone does whose policy lets marks count, and gives the results by path below it.</summary>
    public async Task<Dictionary<string, ScanResult>> ScanAsync(string root, SealTrust? trust = null, bool onDemand = true)
    {
        using SealedImage image = SealedImage.Open(SealPlace.Of(root), trust ?? Trust);
        ResultList results = new();
        ScanSessionOptions session = new() { Policy = new ScanPolicy { VirtualImages = new() { OnDemand = onDemand } }, Reports = { results } };
        foreach (IScanExemption exemption in ImageExemption.For([image]))
        {
            session.Exemptions.Add(exemption);
        }

        LiveFileSource source = new(root, new LiveFileOptions { Excluded = { Path.Combine(root, SealPlace.Folder), Path.Combine(root, "lost+found") } });
        await new ScanSession(new SignatureEngine(SignatureDatabase.Embedded), session).RunAsync(source, TestContext.Current.CancellationToken);
        return results.Results.ToDictionary(result => Path.GetRelativePath(root, result.Location));
    }

    public static Mark? MarkOf(string path)
    {
        using LiveFile file = LiveFile.Find(path);
        return Mark.Of(file);
    }
}

/// <summary>The built-in engine with the EICAR signature, which counts what it is given.</summary>
internal sealed class CountingEngine : IScanEngine
{
    private readonly SignatureEngine _engine = new(SignatureDatabase.Embedded);
    private long _scans;

    public string Name => _engine.Name;

    public DefinitionSet Definitions => DefinitionsOverride ?? _engine.Definitions;

    public DefinitionSet? DefinitionsOverride { get; set; }

    public ScanProfile Profile => _engine.Profile;

    public long Scans => Interlocked.Read(ref _scans);

    public Action<ScanContent>? OnScan { get; set; }

    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _scans);
        OnScan?.Invoke(content);
        return _engine.Scan(content, hash, cancellationToken) with { Definitions = Definitions };
    }
}

/// <summary>A report that remembers.</summary>
internal sealed class ResultList : IScanReport
{
    public List<ScanResult> Results { get; } = [];

    public void Start(ScanRun run)
    {
    }

    public void Add(ScanResult result) => Results.Add(result);

    public void Add(ScanProblem problem) => throw new InvalidOperationException(problem.ToString());

    public void Finish(ScanSummary summary)
    {
    }
}
