namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Bounds how long an exemption is waited for.</summary>
internal static class TimeLimit
{
    /// <summary>Runs an operation; when the time is over, it is asked to end and is not waited for any longer.</summary>
    /// <exception cref="TimeoutException">The time is over.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> operation, TimeSpan limit, TimeProvider time, CancellationToken token)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(token);
        Task<T> running = operation(ending.Token).AsTask();
        try
        {
            return await running.WaitAsync(limit, time, token).ConfigureAwait(false);
        }
        finally
        {
            if (!running.IsCompleted)
            {
                await ending.CancelAsync().ConfigureAwait(false);
            }
        }
    }
}
