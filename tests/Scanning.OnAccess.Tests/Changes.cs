using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>Reads what a source tells of what a test does.</summary>
internal static class Changes
{
    private static int _signals;

    /// <summary>Runs a command in a folder and gathers what is told until a file that is made afterwards is told.</summary>
    public static async Task<List<FileChange>> TellAsync(this IFileChangeSource source, string folder, string command)
    {
        ProgramRun run = ProgramRun.Of("sh", ["-c", $"cd '{folder}' && {command}"], ("LC_ALL", "C.UTF-8"));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        return await source.TellAsync(folder);
    }

    /// <summary>Gathers what is told until a folder that is made now is told.</summary>
    public static async Task<List<FileChange>> TellAsync(this IFileChangeSource source, string folder)
    {
        string signal = Signal(folder);
        List<FileChange> changes = [];
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (FileChange change in source.ReadAllAsync(limit.Token))
        {
            if (change.Path == signal)
            {
                return changes;
            }

            changes.Add(change);
            if (change.Kind == FileChangeKind.Overflow)
            {
                // The signal may be among what was lost.
                signal = Signal(folder);
            }
        }

        throw new InvalidOperationException("the source ended");
    }

    private static string Signal(string folder)
    {
        string signal = Path.Join(folder, $"signal-{Interlocked.Increment(ref _signals)}");
        Peer.Run("mkdir", signal);
        return signal;
    }
}
