using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.ImageException;

/// <summary>What clearing came to.</summary>
/// <param name="Files">How many files were looked at.</param>
/// <param name="Removed">How many marks were removed.</param>
/// <param name="Problems">How many files could not be cleared.</param>
public sealed record ClearOutcome(long Files, long Removed, long Problems);

/// <summary>Takes the marks off files, so that they are scanned again; and the seal off an image.</summary>
public static class SealRemover
{
    /// <summary>Takes the marks off a file, or off all files of a folder. Their identities move by that, so that the seal does not match them any more.</summary>
    /// <param name="path">The file, folder or volume.</param>
    /// <param name="onProblem">Is told of what could not be cleared.</param>
    /// <param name="progress">Is told how far the work has come.</param>
    /// <param name="onRemoved">Is told where a mark was taken off.</param>
    /// <param name="cancellationToken">Ends the work; what is left is for the next run.</param>
    /// <returns>What it came to.</returns>
    /// <exception cref="IOException">The path cannot be listed.</exception>
    public static ClearOutcome ClearMarks(
        string path,
        Action<ScanProblem> onProblem,
        IProgress<SealProgress>? progress = null,
        Action<string>? onRemoved = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(onProblem);
        long files = 0;
        long removed = 0;
        long problems = 0;
        long told = TimeProvider.System.GetTimestamp();
        void Problem(ScanProblem problem)
        {
            problems++;
            onProblem(problem);
        }

        foreach (LiveFile file in new LiveFileSource(path).EnumerateFiles(Problem, cancellationToken))
        {
            using (file)
            {
                files++;
                try
                {
                    if (file.Attributes?.Remove(Mark.Name) is true)
                    {
                        removed++;
                        onRemoved?.Invoke(file.Location);
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
                {
                    Problem(new ScanProblem(file.Location, e.Message));
                }

                if (TimeProvider.System.GetElapsedTime(told) > TimeSpan.FromMilliseconds(200))
                {
                    progress?.Report(new SealProgress(SealPhase.Clearing, files, null, file.Location));
                    told = TimeProvider.System.GetTimestamp();
                }
            }
        }

        return new ClearOutcome(files, removed, problems);
    }

    /// <summary>Removes the seal of an image, and what an interrupted run left of one. The marks go first: a run that is ended between the two leaves a seal that covers what is left.</summary>
    /// <param name="sealPath">The seal's file.</param>
    /// <exception cref="IOException">It cannot be removed, or a run seals the image just now.</exception>
    public static void RemoveSeal(string sealPath)
    {
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(sealPath))))
        {
            return;
        }

        using IDisposable held = SealingLock.Take(sealPath);
        foreach (string path in SealPlace.FilesOf(sealPath).Reverse().Where(path => path != SealPlace.LockOf(sealPath)))
        {
            if (File.Exists(path))
            {
                File.Delete(path);
            }
        }
    }
}
