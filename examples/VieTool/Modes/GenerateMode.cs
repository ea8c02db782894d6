using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary><c>--generate</c>: scan, mark, seal.</summary>
internal static class GenerateMode
{
    public static async Task<ModeOutcome> RunAsync(RunContext run, CancellationToken cancellationToken)
    {
        VieToolArguments arguments = run.Arguments;
        if (!arguments.AllowKeyInImage && VolumePath.HoldsKey(arguments.Root, arguments.Key!))
        {
            throw new IOException(
                $"The private key {PrintableText.Escape(arguments.Key!)} lies in what is to be sealed, and every clone could sign with it. Keep it elsewhere, or say --allow-key-in-image.");
        }

        using SealKey key = KeyFiles.LoadPrivate(arguments.Key!, KeyFiles.Password(arguments.KeyPasswordFile));
        IScanEngine? engine = arguments.SkipScan ? null : EngineChoice.Create(arguments.Engine, run.Reports.Note, cancellationToken);
        using IDisposable? resources = engine as IDisposable;
        GenerateLines lines = new(run);
        ImageSealerOptions options = new()
        {
            Root = arguments.Root,
            SealPath = run.SealPath,
            Key = key,
            Engine = engine,
            WriteMarks = !arguments.NoMarks,
            ScanAll = arguments.ScanAll,
            MaxConcurrency = arguments.Engine.Threads,
            Progress = run.Progress,
            Reports = { lines },
        };
        foreach (string path in run.Excluded)
        {
            options.Excluded.Add(path);
        }

        SealOutcome outcome = await new ImageSealer(options).SealAsync(cancellationToken);
        lines.AddWhatWasWithdrawn(outcome.Unsealed);
        if (outcome.EarlierRefused is { } refused)
        {
            run.Reports.Note($"An earlier seal was not gone on from. {refused}");
        }

        if (outcome.Unsealed.Count < outcome.UnsealedCount)
        {
            run.Reports.Note($"More files were not sealed than are kept by name: {outcome.UnsealedCount:N0} in all.");
        }

        string done = run.Met switch
        {
            VieExitCodes.Found => "Sealed, without what is infected.",
            VieExitCodes.Errors => "Sealed, without what could not be sealed.",
            _ => "Sealed.",
        };
        return new ModeOutcome(run.Met, done, Facts(outcome, engine, run, key.PublicKey));
    }

    private static List<Fact> Facts(SealOutcome outcome, IScanEngine? engine, RunContext run, SealPublicKey key)
    {
        using Seal seal = Seal.Open(run.SealPath, SealTrust.In(key));
        ScanSummary scan = outcome.Scan;
        double seconds = Math.Max(scan.Elapsed.TotalSeconds, 0.001);
        return
        [
            new("engine", "Engine", engine?.Name ?? "none: the files were scanned elsewhere"),
            .. DefinitionFacts.Of(engine?.Definitions),
            new("files", "Files and streams", scan.Contents),
            new("sealed", "Sealed", outcome.Sealed),
            new("carriedOver", "of these carried over", outcome.CarriedOver),
            new("unsealed", "Not sealed", outcome.UnsealedCount),
            new("infected", "of these infected", scan.Infected),
            new("marksWritten", "Marks written", outcome.MarksWritten),
            new("marksRemoved", "Marks removed", outcome.MarksRemoved),
            new("whyNoMarks", outcome.WhyNoMarks is null ? "" : "No marks, the seal serves", outcome.WhyNoMarks),
            new("sealNumber", "Number of the seal", outcome.Number),
            new("sealId", "Seal", outcome.SealId.ToString()),
            new("imageId", "Image", outcome.ImageId.ToString()),
            new("sealPath", "In", seal.Path),
            new("rootHash", "Root hash", seal.Root.ToString()),
            new("keyId", "Signed by the key", seal.KeyId.ToString()),
            new("sealedAt", "Sealed at", seal.SealedAt),
            new("scanSkipped", "", seal.IsScanSkipped),
            new("bytes", "", scan.Bytes),
            new("filesPerSecond", "Files per second", scan.Contents / seconds),
            new("bytesPerSecond", "", scan.Bytes / seconds),
            new("rate", "Rate", $"{Screen.Size(scan.Bytes / seconds)}/s"),
        ];
    }

    /// <summary>Tells of each file as it is scanned.</summary>
    private sealed class GenerateLines(RunContext run) : IScanReport
    {
        private readonly HashSet<UnsealedFile> _told = [];

        public void Start(ScanRun scan)
        {
        }

        public void Add(ScanResult result)
        {
            bool isStream = result.Identity is null;
            switch (result)
            {
                case { Verdict.Kind: VerdictKind.Infected }:
                    Refuse(result.Location, result.Verdict.Value.ToString(), "infected", result.Verdict.Value.Detail, VieExitCodes.Found, result);
                    break;
                case { Disposition: Disposition.Skipped } when !isStream:
                    run.Add(new FileLine("carried over", result.Location) { Identity = result.Identity });
                    break;
                case { Verdict.Kind: VerdictKind.Clean, Hash: not null } when !isStream:
                    run.Add(new FileLine("clean", result.Location) { Hash = result.Hash, Identity = result.Identity });
                    break;
                case { Verdict: { Kind: not VerdictKind.Clean } verdict }:
                    Refuse(result.Location, verdict.ToString(), "not sealed", verdict.Detail, VieExitCodes.Errors, result);
                    break;
            }
        }

        public void Add(ScanProblem problem) => Refuse(problem.Location, problem.Message, "not sealed", problem.Message, VieExitCodes.Errors, null);

        public void Finish(ScanSummary summary)
        {
        }

        /// <summary>Tells of the files that changed or vanished after they were scanned, and of nothing twice.</summary>
        public void AddWhatWasWithdrawn(IReadOnlyList<UnsealedFile> unsealed)
        {
            foreach (UnsealedFile file in unsealed.Where(file => !_told.Contains(file)))
            {
                run.Add(new FileLine("not sealed", file.Location, file.Why) { IsNotable = true });
            }
        }

        private void Refuse(string location, string why, string outcome, string detail, int exitCode, ScanResult? result)
        {
            if (_told.Count < SealBuilder.MaxUnsealedNamed)
            {
                _told.Add(new UnsealedFile(location, why));
            }

            run.Add(new FileLine(outcome, location, detail) { IsNotable = true, Hash = result?.Hash, Identity = result?.Identity }, exitCode);
        }
    }
}
