using Symantec.Virtualization.ImageException;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary><c>--clear</c>: take the marks off, and of the sealed root the seal after them.</summary>
internal static class ClearMode
{
    public static async Task<ModeOutcome> RunAsync(RunContext run, CancellationToken cancellationToken)
    {
        string root = run.Arguments.Root;
        if (run.Arguments.Seal is { } named && VolumePath.IsBelow(root, Path.GetDirectoryName(Path.GetDirectoryName(named))!) && Path.GetFileName(Path.GetDirectoryName(named)) == SealPlace.Folder)
        {
            throw new IOException("--seal names the seal of more than is to be cleared, and clearing would remove it.");
        }

        ClearOutcome outcome = await Task.Run(
            () => SealRemover.ClearMarks(
                root,
                problem => run.Add(new FileLine("not cleared", problem.Location, problem.Message) { IsNotable = true }),
                run.Progress,
                location => run.Add(new FileLine("cleared", location)),
                cancellationToken),
            CancellationToken.None);

        // As long as a mark may be left, what covers it stays.
        bool hasSeal = Directory.Exists(root) && (File.Exists(run.SealPath) || File.Exists(SealPlace.CheckpointOf(run.SealPath)));
        bool removed = hasSeal && outcome.Problems == 0;
        if (removed)
        {
            SealRemover.RemoveSeal(run.SealPath);
            RemoveFolder(Path.GetDirectoryName(run.SealPath)!);
        }

        string done = (hasSeal, removed) switch
        {
            (true, true) => "Cleared, and the seal is removed.",
            (true, false) => "Not everything could be cleared: the seal stays.",
            _ => outcome.Problems == 0 ? "Cleared." : "Not everything could be cleared.",
        };
        return new ModeOutcome(
            run.Met,
            done,
            [
                new("files", "Files", outcome.Files),
                new("marksRemoved", "Marks removed", outcome.Removed),
                new("problems", "Not cleared", outcome.Problems),
                new("sealRemoved", "Seal removed", removed),
            ]);
    }

    private static void RemoveFolder(string folder)
    {
        if (Path.GetFileName(folder) == SealPlace.Folder && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }
}
