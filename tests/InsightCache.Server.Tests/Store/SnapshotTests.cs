using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

public abstract class SnapshotTests(bool compact) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Memory whose image has more than two pieces, and contents that fill it so far that it is an image.</summary>
    private const string SeveralPieces = "18MiB";

    private int ManyContents => compact ? 600_000 : 400_000;

    private string File => _folder["verdicts.snapshot"];

    [Theory]
    [InlineData("a table that is mostly empty", 100, "2MiB")]
    [InlineData("a table that is mostly full", 40_000, "2MiB")]
    [InlineData("a table that grows", 40_000, "4MiB")]
    [InlineData("a table that shrinks", 20_000, "1500KiB")]
    public async Task Verdicts_and_lanes_outlive_the_server(string because, int contents, string memory)
    {
        contents = compact && contents >= 1000 ? contents * 3 / 2 : contents;
        int before = await FillAsync(contents);

        await using Fleet after = Open(memory);

        Assert.True(after.Store.Table.Count >= before * 0.999, $"{because}: {before} became {after.Store.Table.Count}");
        Assert.True(Enumerable.Range(0, contents / 1000).All(i => CountClean(after.Client("x"), i * 1000) >= 990), because);
        Assert.Equal(0, CountClean(after.Client("x"), 1_000_000));
        Assert.Equal("1", after.Store.Lanes.Describe(null).Single().Generations.Single().Version);
    }

    [Property(MaxTest = 40)]
    public bool A_snapshot_of_which_any_byte_was_changed_is_refused_as_a_whole(uint at, byte change)
    {
        FillAsync(50).GetAwaiter().GetResult();
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        bytes[at % (uint)bytes.Length] ^= (byte)(change | 1);
        System.IO.File.WriteAllBytes(File, bytes);

        return ClearedAfter();
    }

    [Property(MaxTest = 40)]
    public bool A_snapshot_that_was_cut_or_made_longer_is_refused_as_a_whole(ushort length)
    {
        FillAsync(50).GetAwaiter().GetResult();
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        System.IO.File.WriteAllBytes(File, length % 5 == 0 ? [.. bytes, 0] : bytes[..(length % bytes.Length)]);

        return ClearedAfter();
    }

    [Fact]
    public async Task A_snapshot_of_several_pieces_is_read_whole()
    {
        int before = await FillAsync(ManyContents, SeveralPieces);

        await using Fleet after = Open(SeveralPieces);

        Assert.Equal(before, after.Store.Table.Count);
        Assert.True(Enumerable.Range(0, ManyContents / 1000).All(i => CountClean(after.Client("x"), i * 1000) >= 990));
    }

    [Theory]
    [InlineData("a byte of the second is another")]
    [InlineData("the first two have changed places")]
    public async Task Of_a_snapshot_of_several_pieces_nothing_stays_when(string because)
    {
        await FillAsync(ManyContents, SeveralPieces);
        byte[] bytes = await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken);
        const int Piece = SnapshotPieces.MaxSize + SnapshotPieces.TagSize;
        Span<byte> first = bytes.AsSpan(8 + BitConverter.ToInt32(bytes, 4) + 32, Piece);
        Span<byte> second = bytes.AsSpan(8 + BitConverter.ToInt32(bytes, 4) + 32 + Piece, Piece);
        if (because.StartsWith("a byte", StringComparison.Ordinal))
        {
            second[Piece / 2] ^= 1;
        }
        else
        {
            byte[] kept = first.ToArray();
            second.CopyTo(first);
            kept.CopyTo(second);
        }

        await System.IO.File.WriteAllBytesAsync(File, bytes, TestContext.Current.CancellationToken);

        Assert.True(ClearedAfter(SeveralPieces), because);
    }

    [Fact]
    public async Task A_host_that_only_starts_its_services_has_the_snapshot_read_as_well()
    {
        int before = await FillAsync(50);
        await using CacheServer server = Make();

        await server.StartAsync(TestContext.Current.CancellationToken);

        Assert.Equal((true, before), (server.IsReady, server.Store.Table.Count));
    }

    [Fact]
    public async Task A_start_that_is_ended_while_the_snapshot_is_read_leaves_it_as_it_was()
    {
        await FillAsync(50);
        byte[] bytes = await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken);
        await using (CacheServer server = Make())
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server.StartingAsync(new CancellationToken(canceled: true)));

            // As a host does after a start that failed.
            await server.StopAsync(CancellationToken.None);
        }

        Assert.Equal(bytes, await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_snapshot_of_another_server_is_refused()
    {
        await FillAsync(50);
        using TemporaryFolder other = new();
        await using (new Fleet(options => options.DataFolder = other.Path, _time).ConfigureAwait(false))
        {
            // Its key is made.
        }

        System.IO.File.Copy(File, other["verdicts.snapshot"]);
        await using Fleet after = new(options => (options.DataFolder, options.Memory, options.CompactKeys) = (other.Path, "2MiB", compact), _time);

        Assert.Equal(LookupAnswer.Scan, after.Client("x").Ask(1));
    }

    [Fact]
    public async Task A_snapshot_with_the_other_form_of_keys_is_refused()
    {
        await FillAsync(50);
        await using (Fleet other = Open(!compact))
        {
            Assert.Equal(LookupAnswer.Scan, other.Client("x").Ask(1));
        }

        await using Fleet after = Open();
        Assert.Equal(LookupAnswer.Clean, after.Client("x").Ask(1));
    }

    [Fact]
    public async Task An_older_snapshot_that_is_put_back_brings_no_recalled_content_back()
    {
        await FillAsync(50);
        byte[] old = System.IO.File.ReadAllBytes(File);
        await using (Fleet fleet = Open())
        {
            fleet.Client("a").Vote([1, 2], VoteVerdict.Infected);
            fleet.Store.Recalls.Lift("default", Fleet.Content(2));
            await fleet.Server.TryWriteSnapshotAsync(TestContext.Current.CancellationToken);
        }

        await System.IO.File.WriteAllBytesAsync(File, old, TestContext.Current.CancellationToken);

        await using Fleet after = Open();
        Assert.Equal([LookupAnswer.Clean, LookupAnswer.Scan, LookupAnswer.Scan], after.Client("x").Ask([0, 1, 2]));
    }

    [Fact]
    public async Task A_snapshot_is_refused_that_is_older_than_the_journal_of_recalls_reaches_back()
    {
        await FillAsync(50);
        byte[] old = System.IO.File.ReadAllBytes(File);
        await using (Fleet fleet = Open())
        {
            for (int i = 0; i < 20; i++)
            {
                fleet.Client("a").Vote(i % 5, VoteVerdict.Infected);
                fleet.Store.Recalls.Lift("default", Fleet.Content(i % 5));
            }

            await fleet.Server.TryWriteSnapshotAsync(TestContext.Current.CancellationToken);
        }

        await System.IO.File.WriteAllBytesAsync(File, old, TestContext.Current.CancellationToken);

        Assert.True(ClearedAfter());
    }

    [Fact]
    public async Task A_server_that_is_killed_after_a_retraction_does_not_bring_the_verdicts_back()
    {
        await FillAsync(50);
        await using (Fleet fleet = Open())
        {
            fleet.Client("a").Vote(1000, VoteVerdict.Infected);
            Assert.NotNull(await fleet.Server.RetractAsync("default", "scanner", TestContext.Current.CancellationToken));
            Assert.Equal(LookupAnswer.Scan, fleet.Client("x").Ask(1));
        }

        Assert.True(ClearedAfter());
    }

    [Fact]
    public async Task A_server_that_is_killed_after_definitions_were_withdrawn_does_not_go_back_to_them()
    {
        await using (Fleet fleet = Open().With(1).With(2))
        {
            fleet.Trusted().With(2).Vote([.. Enumerable.Range(0, 50)]);
            await fleet.Server.TryWriteSnapshotAsync(TestContext.Current.CancellationToken);
            long epoch = fleet.Store.Recalls.Epoch;
            fleet.With(1);
            Assert.False(fleet.Store.Recalls.Since("default", epoch).Complete, "clients remember what was answered by the withdrawn definitions");
        }

        Assert.True(ClearedAfter());
    }

    [Fact]
    public async Task A_snapshot_is_refused_whose_recalls_were_deleted()
    {
        await using (Fleet fleet = Open().With(1))
        {
            fleet.Trusted().Vote([1, 2]);
            fleet.Client("a").Vote(1, VoteVerdict.Infected);
            await fleet.Server.TryWriteSnapshotAsync(TestContext.Current.CancellationToken);
        }

        System.IO.File.Delete(_folder["recalls.journal"]);

        Assert.True(ClearedAfter());
    }

    [Theory]
    [InlineData("recalls.journal")]
    [InlineData("clients.journal")]
    public async Task A_journal_that_was_changed_keeps_the_server_from_starting_and_is_named(string name)
    {
        await using (Fleet fleet = Open().With(1))
        {
            fleet.Client("a").Vote([1, 2], VoteVerdict.Infected);
        }

        string[] lines = await System.IO.File.ReadAllLinesAsync(_folder[name], TestContext.Current.CancellationToken);
        await System.IO.File.WriteAllTextAsync(_folder[name], string.Join('\n', lines).Replace('a', 'e') + "\n", TestContext.Current.CancellationToken);

        Assert.Contains(name, Assert.Throws<InvalidDataException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_a_crash_has_cut_is_dropped_and_the_others_stand()
    {
        await using (Fleet fleet = Open().With(1))
        {
            fleet.Client("a").Vote([1, 2], VoteVerdict.Infected);
        }

        byte[] bytes = await System.IO.File.ReadAllBytesAsync(_folder["recalls.journal"], TestContext.Current.CancellationToken);
        await System.IO.File.WriteAllBytesAsync(_folder["recalls.journal"], bytes[..^10], TestContext.Current.CancellationToken);

        await using Fleet after = Open();
        Assert.Equal([Fleet.Content(1)], after.Store.Recalls.List("default").Select(static recall => recall.Hash));
        after.Client("a").Vote(3, VoteVerdict.Infected);
    }

    [Fact]
    public async Task A_snapshot_that_was_not_finished_leaves_the_one_before()
    {
        await FillAsync(50);
        await System.IO.File.WriteAllTextAsync(File + ".new", "half a snapshot", TestContext.Current.CancellationToken);

        await using Fleet after = Open();

        Assert.Equal(LookupAnswer.Clean, after.Client("x").Ask(1));
    }

    [Fact]
    public async Task Two_servers_do_not_share_a_folder()
    {
        await using Fleet first = Open();

        Assert.Contains("Another server", Assert.Throws<IOException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_expired_while_the_server_was_down_is_not_clean()
    {
        await FillAsync(50);
        _time.Advance(TimeSpan.FromDays(30));

        await using Fleet after = Open();
        Assert.Equal(0, CountClean(after.Client("x"), 0));
    }

    [Fact]
    public async Task Verdicts_are_taken_over_into_the_next_epoch_of_hours()
    {
        _time.AdjustTime(new DateTimeOffset(2027, 12, 31, 0, 0, 0, TimeSpan.Zero));
        await FillAsync(50);
        _time.Advance(TimeSpan.FromDays(2));

        await using Fleet after = Open();

        Assert.Equal(LookupAnswer.Clean, after.Client("x").Ask(1));
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private static int CountClean(Machine machine, int first)
        => machine.Ask([.. Enumerable.Range(first, 1000)]).Count(static answer => answer == LookupAnswer.Clean);

    private Fleet Open(string memory = "2MiB") => Open(compact, memory);

    private Fleet Open(bool compactKeys, string memory = "2MiB")
        => new(options => (options.DataFolder, options.Memory, options.CompactKeys) = (_folder.Path, memory, compactKeys), _time);

    private CacheServer Make() => Fleet.Make(new InsightCacheServerOptions { DataFolder = _folder.Path, Memory = "2MiB", CompactKeys = compact }, _time);

    private async Task<int> FillAsync(int contents, string memory = "2MiB")
    {
        await using Fleet fleet = Open(memory).With(1);
        for (int i = 0; i < contents; i += 1000)
        {
            fleet.Trusted().Vote([.. Enumerable.Range(i, Math.Min(1000, contents - i))]);
        }

        Assert.True(await fleet.Server.TryWriteSnapshotAsync(TestContext.Current.CancellationToken));
        return (int)fleet.Store.Table.Count;
    }

    /// <summary>Tells whether a server that starts with what is there knows nothing.</summary>
    private bool ClearedAfter(string memory = "2MiB")
    {
        Fleet after = Open(memory);
        bool isEmpty = after.Store.Table.Count == 0 && after.Client("x").Ask([.. Enumerable.Range(0, 50)]).All(static answer => answer == LookupAnswer.Scan);
        after.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return isEmpty;
    }
}

public sealed class FullKeysSnapshotTests() : SnapshotTests(compact: false);

public sealed class CompactKeysSnapshotTests() : SnapshotTests(compact: true);
