using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>The questions of one batch, and what is answered so far; whatever is not answered is to be scanned.</summary>
internal sealed class QuestionBatch(IReadOnlyList<ExemptionQuestion> questions, VerdictScope scope)
{
    private readonly string _why = $"voted clean under definitions {scope.Definitions.Version}";
    private int _skipped;
    private long _skippedBytes;
    private int _waiting;
    private int _audited;

    public IReadOnlyList<ExemptionQuestion> Questions => questions;

    public VerdictScope Scope => scope;

    public ScopeName Name { get; } = ScopeName.Of(scope);

    public ExemptionAnswer[] Answers { get; } = new ExemptionAnswer[questions.Count];

    /// <summary>Gets where each content stands among those that the server is asked about; -1 for those that it is not.</summary>
    public int[] Places { get; } = new int[questions.Count];

    /// <summary>Gets whether a content stood in this batch before.</summary>
    public bool[] IsRepeated { get; } = new bool[questions.Count];

    /// <summary>Gets the contents that the server is asked about, each once.</summary>
    public List<ContentHash> Open { get; } = new(questions.Count);

    /// <summary>Gets or sets how many contents are scanned since that is cheaper than asking.</summary>
    public int Cheap { get; set; }

    public void Skip(int index)
    {
        Answers[index] = ExemptionAnswer.Skip(_why);
        _skipped++;
        _skippedBytes = ByteTotal.Add(_skippedBytes, questions[index].Content.Length);
    }

    public void Defer(int index, DateTimeOffset until)
    {
        Answers[index] = ExemptionAnswer.DeferUntil(until);
        _waiting++;
    }

    public void Audit() => _audited++;

    public void Record(ClientMetrics? metrics)
    {
        metrics?.Asked("clean", _skipped);
        metrics?.Asked("wait", _waiting);
        metrics?.Asked("audit", _audited);
        metrics?.Asked("cheap", Cheap);
        metrics?.Asked("scan", questions.Count - _skipped - _waiting - _audited - Cheap);
        metrics?.Avoided(_skipped, _skippedBytes);
    }
}
