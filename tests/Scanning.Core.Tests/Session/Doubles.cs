using System.Collections.Concurrent;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.Core.Tests.Session;

/// <summary>A content that counts how it is used.</summary>
internal sealed class CountedContent(string location, byte[] bytes, long length = -1) : ScanContent
{
    private int _reads;
    private int _disposals;

    public override string Location => location;

    public override long Length => length < 0 ? bytes.Length : length;

    public override long StoredLength => bytes.Length;

    public override FileIdentity? Identity => IdentityFailure is null ? FileIdentity : throw IdentityFailure;

    public override string? Unscannable => Reason;

    public override IReadOnlyList<ScanContent> Streams => NamedStreams;

    public override SafeFileHandle? FileHandle => OpenFile;

    public SafeFileHandle? OpenFile { get; init; }

    public FileIdentity? FileIdentity { get; set; }

    public Exception? IdentityFailure { get; init; }

    public string? Reason { get; init; }

    public IReadOnlyList<ScanContent> NamedStreams { get; init; } = [];

    public Exception? Failure { get; init; }

    /// <summary>Gets or sets what happens at each read first.</summary>
    public Action OnRead { get; set; } = static () => { };

    public int Reads => _reads;

    public int Disposals => _disposals;

    /// <summary>A content of words.</summary>
    public static CountedContent Of(string location, string text) => new(location, Encoding.UTF8.GetBytes(text));

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        Interlocked.Increment(ref _reads);
        OnRead();
        if (Failure is not null)
        {
            throw Failure;
        }

        buffer.Clear();
        if (offset < bytes.Length)
        {
            bytes.AsSpan((int)offset, (int)Math.Min(buffer.Length, bytes.Length - offset)).CopyTo(buffer);
        }
    }

    protected override ContentRun RunAtCore(long offset) => offset < bytes.Length
        ? new ContentRun(IsStored: true, bytes.Length - offset)
        : new ContentRun(IsStored: false, Length - offset);

    protected override void Dispose(bool disposing)
    {
        Interlocked.Increment(ref _disposals);
        base.Dispose(disposing);
    }
}

/// <summary>A source of contents that are there already, or come one by one.</summary>
internal sealed class ListSource(IEnumerable<ScanContent> contents) : IScanSource
{
    public string Name => "list";

    public long? StoredBytes { get; init; }

    public IReadOnlyList<ScanProblem> Problems { get; init; } = [];

    public Exception? Failure { get; init; }

    public IEnumerable<ScanContent> Enumerate(Action<ScanProblem> onProblem, CancellationToken cancellationToken)
    {
        foreach (ScanContent content in contents)
        {
            yield return content;
        }

        foreach (ScanProblem problem in Problems)
        {
            onProblem(problem);
        }

        if (Failure is not null)
        {
            throw Failure;
        }
    }
}

/// <summary>An engine to which every content with the word "virus" is infected.</summary>
internal sealed class WordEngine : IScanEngine
{
    public string Name => "words";

    public DefinitionSet Definitions { get; set; } = new() { Engine = "words", Version = "1", Sequence = 1, Digest = default };

    public ScanProfile Profile => ScanProfile.None;

    /// <summary>Gets the locations that were scanned, and the hash that came with each.</summary>
    public ConcurrentQueue<(string Location, ContentHash? Hash)> Scanned { get; } = new();

    /// <summary>Gets or sets what happens at each scan first.</summary>
    public Action<ScanContent, CancellationToken> OnScan { get; set; } = static (_, _) => { };

    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
    {
        Scanned.Enqueue((content.Location, hash));
        OnScan(content, cancellationToken);
        byte[] bytes = new byte[Math.Min(content.Length, 1 << 20)];
        content.Read(0, bytes);
        return new EngineVerdict(bytes.AsSpan().IndexOf("virus"u8) < 0 ? Verdict.Clean : Verdict.Infected("Test.Virus"), Definitions);
    }
}

/// <summary>A report that remembers.</summary>
internal sealed class MemoryReport : IScanReport
{
    public ScanRun? Run { get; private set; }

    public List<ScanResult> Results { get; } = [];

    public List<ScanProblem> Problems { get; } = [];

    public ScanSummary? Summary { get; private set; }

    public Action<ScanResult> OnResult { get; init; } = static _ => { };

    public void Start(ScanRun run) => Run = run;

    public void Add(ScanResult result)
    {
        Results.Add(result);
        OnResult(result);
    }

    public void Add(ScanProblem problem) => Problems.Add(problem);

    public void Finish(ScanSummary summary) => Summary = summary;
}

/// <summary>An exemption that answers by a rule.</summary>
internal sealed class RuleExemption(ExemptionStage stage, Func<ExemptionQuestion, ExemptionAnswer> rule) : IScanExemption
{
    public string Name { get; init; } = "rule";

    public ExemptionStage Stage => stage;

    public Func<ScanPolicy, ScanTrigger, bool> When { get; init; } = static (_, _) => true;

    public ConcurrentQueue<(string Location, ContentHash? Hash)> Asked { get; } = new();

    public ConcurrentQueue<ScanResult> Told { get; } = new();

    public Action<ScanResult> OnTold { get; init; } = static _ => { };

    public int PreferredBatch { get; init; } = 1;

    public TimeSpan Linger { get; init; }

    public ConcurrentQueue<int> Batches { get; } = new();

    public int Ended { get; private set; }

    public bool Serves(ScanPolicy policy, ScanTrigger trigger) => When(policy, trigger);

    public ValueTask<IReadOnlyList<ExemptionAnswer>> AskAsync(
        IReadOnlyList<ExemptionQuestion> questions, VerdictScope scope, CancellationToken cancellationToken)
    {
        Batches.Enqueue(questions.Count);
        foreach (ExemptionQuestion question in questions)
        {
            Asked.Enqueue((question.Content.Location, question.Hash));
        }

        return new([.. questions.Select(rule)]);
    }

    public ValueTask TellAsync(IReadOnlyList<ScanResult> results, VerdictScope scope, CancellationToken cancellationToken)
    {
        foreach (ScanResult result in results)
        {
            Told.Enqueue(result);
            OnTold(result);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask EndAsync(VerdictScope scope, CancellationToken cancellationToken)
    {
        Ended++;
        return ValueTask.CompletedTask;
    }
}
