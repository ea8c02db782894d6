using Microsoft.Extensions.Logging.Abstractions;

namespace Symantec.Virtualization.Scanning.OnAccess.Tests;

/// <summary>The queue is bounded, and nothing is dropped from it in silence.</summary>
public class ChangeQueueTests
{
    [Theory]
    [InlineData(16, 16, false)]
    [InlineData(16, 17, true)]
    [InlineData(16, 1000, true)]
    [InlineData(1, 2, true)]
    [InlineData(1, 1000, true)]
    public async Task Beyond_its_bound_one_overflow_takes_the_place_of_all_that_waits(int capacity, int count, bool overflows)
    {
        ChangeQueue queue = new(capacity, NullLogger.Instance);
        for (int i = 0; i < count; i++)
        {
            queue.Write(new FileChange(FileChangeKind.Modified, $"/{i}"));
        }

        List<FileChange> changes = await ReadAsync(queue);

        Assert.InRange(changes.Count, 1, capacity);
        Assert.Equal(overflows ? 1 : 0, changes.Count(static change => change.Kind == FileChangeKind.Overflow));
        Assert.Equal(overflows, changes[0].Kind == FileChangeKind.Overflow);
    }

    [Fact]
    public async Task Several_overflows_are_one()
    {
        ChangeQueue queue = new(16, NullLogger.Instance);
        queue.Write(new FileChange(FileChangeKind.Modified, "/a"));
        queue.Write(FileChange.Overflow);
        queue.Write(FileChange.Overflow);
        queue.Write(new FileChange(FileChangeKind.Modified, "/b"));

        Assert.Equal([FileChange.Overflow, new FileChange(FileChangeKind.Modified, "/b")], await ReadAsync(queue));
    }

    [Fact]
    public async Task An_end_with_an_error_is_thrown_behind_what_waits()
    {
        ChangeQueue queue = new(16, NullLogger.Instance);
        queue.Write(FileChange.Overflow);
        queue.End(new IOException("gone"));
        queue.Write(new FileChange(FileChangeKind.Modified, "/late"));
        await using IAsyncEnumerator<FileChange> changes = queue.ReadAllAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await changes.MoveNextAsync());
        Assert.Equal(FileChange.Overflow, changes.Current);
        Assert.Equal("gone", (await Assert.ThrowsAsync<IOException>(async () => await changes.MoveNextAsync())).Message);
    }

    private static async Task<List<FileChange>> ReadAsync(ChangeQueue queue)
    {
        queue.End();
        return await queue.ReadAllAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }
}
