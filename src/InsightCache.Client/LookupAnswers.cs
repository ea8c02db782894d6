using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>What the server answered about some contents. Immutable.</summary>
public sealed class LookupAnswers
{
    private readonly LookupAnswerFrame[] _frames;

    internal LookupAnswers(LookupAnswerFrame[] frames, int count)
    {
        _frames = frames;
        Count = count;
        foreach (LookupAnswerFrame frame in frames)
        {
            ComeBack = frame.ComeBack > ComeBack ? frame.ComeBack : ComeBack;
        }
    }

    /// <summary>Gets the number of contents.</summary>
    public int Count { get; }

    /// <summary>Gets what the server thinks of the client's definitions.</summary>
    public DefinitionsStanding Standing => _frames[^1].Standing;

    /// <summary>Gets after how long the waiting contents are to be asked for again.</summary>
    public TimeSpan ComeBack { get; }

    /// <summary>Gets the epoch of recalls that every answer has heeded.</summary>
    public long RecallEpoch => _frames[0].RecallEpoch;

    /// <summary>Gets the number of the lane's current definitions; 0 if none are known.</summary>
    public long Sequence => _frames[^1].Sequence;

    /// <summary>Gets the answer for a content.</summary>
    /// <param name="index">Its place in the question.</param>
    public LookupAnswer this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return _frames[index / Routes.MaxBatch][index % Routes.MaxBatch];
        }
    }
}
