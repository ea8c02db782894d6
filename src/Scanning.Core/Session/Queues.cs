using System.Threading.Channels;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>The queues between stages, for threads that wait.</summary>
internal static class Queues
{
    /// <summary>Puts a job into a queue, waiting while it is full.</summary>
    public static void Write(ChannelWriter<ScanJob> queue, ScanJob job, CancellationToken token)
    {
        try
        {
            if (!queue.TryWrite(job))
            {
                queue.WriteAsync(job, token).AsTask().GetAwaiter().GetResult();
            }
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }

    /// <summary>Takes the jobs of a queue until it is closed and empty.</summary>
    public static IEnumerable<ScanJob> ReadAll(ChannelReader<ScanJob> queue, CancellationToken token)
    {
        do
        {
            while (!token.IsCancellationRequested && queue.TryRead(out ScanJob? job))
            {
                yield return job;
            }
        }
        while (WaitToRead(queue, token));
    }

    private static bool WaitToRead(ChannelReader<ScanJob> queue, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        ValueTask<bool> waiting = queue.WaitToReadAsync(token);
        return waiting.IsCompleted ? waiting.GetAwaiter().GetResult() : waiting.AsTask().GetAwaiter().GetResult();
    }
}
