using System.Collections.Concurrent;

namespace Symantec.Virtualization.Scanning.Core.Tests.Session;

/// <summary>A memo in memory.</summary>
internal sealed class MemoryMemo : IHashMemo
{
    public ConcurrentDictionary<FileIdentity, ContentHash> Known { get; } = [];

    public Exception? Failure { get; init; }

    public bool TryGet(FileIdentity identity, out ContentHash hash) => Failure is null ? Known.TryGetValue(identity, out hash) : throw Failure;

    public void Remember(FileIdentity identity, ContentHash hash) => Known[identity] = Failure is null ? hash : throw Failure;
}

/// <summary>A seal that remembers.</summary>
internal sealed class MemorySeal : ISealSink
{
    public List<(UInt128 FileId, VerdictKind Verdict, ContentHash Hash)> Sealed { get; } = [];

    public void Start(ScanRun run)
    {
    }

    public void Add(ScanResult result)
    {
        if (result is { Identity: { } identity, Hash: { } hash, Verdict: { } verdict })
        {
            Sealed.Add((identity.FileId, verdict.Kind, hash));
        }
    }

    public void Add(ScanProblem problem)
    {
    }

    public void Finish(ScanSummary summary)
    {
    }
}
