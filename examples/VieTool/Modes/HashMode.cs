using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary><c>--hash</c>: the SHA-256 of every file and stream.</summary>
internal static class HashMode
{
    public static async Task<ModeOutcome> RunAsync(RunContext run, CancellationToken cancellationToken)
    {
        VieToolArguments arguments = run.Arguments;
        LiveFileOptions files = new() { Excluded = { Path.Combine(arguments.Root, SealPlace.Folder) } };
        foreach (string path in run.Excluded)
        {
            files.Excluded.Add(path);
        }

        using PersistentHashMemo? memo = arguments.Memo is { } place ? new PersistentHashMemo(place) : null;
        ScanSessionOptions session = new()
        {
            HashContents = true,
            HashMemo = memo,
            MaxConcurrency = arguments.Engine.Threads,
            Progress = run.Progress,
            Reports = { new HashLines(run) },
        };
        ScanSummary summary = await new ScanSession(new HashingEngine(), session).RunAsync(new LiveFileSource(arguments.Root, files), cancellationToken);
        memo?.Save();
        double seconds = Math.Max(summary.Elapsed.TotalSeconds, 0.001);
        return new ModeOutcome(
            run.Met,
            run.Met == VieExitCodes.Done ? "Hashed." : "Not everything could be hashed.",
            [
                new("files", "Files and streams", summary.Contents),
                new("bytes", "", summary.Bytes),
                new("problems", "Not hashed", summary.Problems + summary.Failed + summary.Incomplete),
                new("remembered", memo is null ? "" : "Hashes in the memo", memo is null ? null : (long)memo.Count),
                new("rate", "Rate", $"{Screen.Size(summary.Bytes / seconds)}/s"),
            ]);
    }

    private sealed class HashLines(RunContext run) : IScanReport
    {
        public void Start(ScanRun scan)
        {
        }

        public void Add(ScanResult result)
        {
            if (result.Hash is { } hash)
            {
                run.Add(new FileLine("hashed", result.Location, hash.ToString()) { Hash = hash, Identity = result.Identity });
            }
            else
            {
                string why = result.Verdict is { Kind: not VerdictKind.Clean } verdict ? verdict.Detail : "it changed while it was read";
                run.Add(new FileLine("not hashed", result.Location, why) { IsNotable = true, Identity = result.Identity });
            }
        }

        public void Add(ScanProblem problem) => run.Add(new FileLine("not hashed", problem.Location, problem.Message) { IsNotable = true });

        public void Finish(ScanSummary summary)
        {
        }
    }
}
