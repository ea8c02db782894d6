namespace Symantec.Virtualization.Peers;

/// <summary>Waits for what other processes and threads bring about.</summary>
public static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until something holds; fails the test where it does not come.</summary>
    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    /// <summary>Waits until something holds that has to be asked for; fails the test where it does not come.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using PeriodicTimer timer = new(Interval);
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                Assert.Fail($"Not within {Limit}: {what}");
            }
        }
    }
}
