using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client.Tests;

/// <summary>An engine to which every content with the word "virus" is infected and every one with the word "locked" incomplete, and that counts its scans.</summary>
internal sealed class CountingEngine(long sequence = 1) : IScanEngine
{
    public string Name => "words";

    public DefinitionSet Definitions { get; set; } = Numbered(sequence);

    public ScanProfile Profile => ScanProfile.None;

    public ConcurrentQueue<string> Scanned { get; } = new();

    /// <summary>Gets or sets what happens at each scan first.</summary>
    public Action<string, CancellationToken> OnScan { get; set; } = static (_, _) => { };

    public static DefinitionSet Numbered(long sequence) => new()
    {
        Engine = "words",
        Version = sequence.ToString(CultureInfo.InvariantCulture),
        Sequence = sequence,
        Digest = ContentHash.Compute(BitConverter.GetBytes(sequence)),
    };

    public CountingEngine With(long sequence)
    {
        Definitions = Numbered(sequence);
        return this;
    }

    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
    {
        DefinitionSet definitions = Definitions;
        Scanned.Enqueue(content.Location);
        OnScan(content.Location, cancellationToken);
        byte[] bytes = new byte[content.Length];
        content.Read(0, bytes);
        string text = Encoding.UTF8.GetString(bytes);
        return new EngineVerdict(
            text.Contains("virus", StringComparison.Ordinal) ? Verdict.Infected("Test.Virus")
            : text.Contains("locked", StringComparison.Ordinal) ? Verdict.Incomplete("it is locked")
            : Verdict.Clean,
            definitions);
    }
}

/// <summary>Contents of words.</summary>
internal sealed class Words(params IEnumerable<string> texts) : IScanSource
{
    public string Name => "words";

    public long? StoredBytes => null;

    public static ContentHash HashOf(string text) => ContentHash.Compute(Encoding.UTF8.GetBytes(text));

    public static Words Numbered(int count) => new([.. Enumerable.Range(0, count).Select(static i => $"content {i}")]);

    public IEnumerable<ScanContent> Enumerate(Action<ScanProblem> onProblem, CancellationToken cancellationToken)
        => texts.Select(static text => new MemoryContent(text, Encoding.UTF8.GetBytes(text)));
}

/// <summary>A report that remembers.</summary>
internal sealed class MemoryReport : IScanReport
{
    public List<ScanResult> Results { get; } = [];

    public ScanResult this[string location] => Results.Single(result => result.Location == location);

    public int Skipped => Results.Count(static result => result.Disposition == Disposition.Skipped);

    public int Scanned => Results.Count(static result => result.Disposition == Disposition.Scanned);

    public void Start(ScanRun run)
    {
    }

    public void Add(ScanResult result) => Results.Add(result);

    public void Add(ScanProblem problem) => Assert.Fail(problem.Message);

    public void Finish(ScanSummary summary)
    {
    }
}
