using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Scanning.Core.Tests.Session;

/// <summary>A memo that outlives the process: what it remembers, what it refuses, and what becomes of damaged files.</summary>
public sealed class PersistentHashMemoTests : IDisposable
{
    private static readonly FileIdentity Identity = new()
    {
        Volume = "v",
        FileId = 7,
        Size = 3,
        Created = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc),
        Modified = new DateTime(2020, 1, 2, 0, 0, 0, DateTimeKind.Utc),
        Changed = new DateTime(2020, 1, 3, 0, 0, 0, DateTimeKind.Utc),
        JournalId = 5,
        LastUsn = 6,
    };

    private static readonly ContentHash Hash = ContentHash.Compute("abc"u8);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeLogger<PersistentHashMemo> _logger = new();

    public static TheoryData<string, FileIdentity> Moved => new()
    {
        { "volume", Identity with { Volume = "w" } },
        { "volume, longer than any stack", Identity with { Volume = new string('v', 1000) } },
        { "id", Identity with { FileId = UInt128.MaxValue } },
        { "size", Identity with { Size = 4 } },
        { "created", Identity with { Created = null } },
        { "modified", Identity with { Modified = Identity.Modified!.Value.AddTicks(1) } },
        { "changed", Identity with { Changed = Identity.Changed!.Value.AddTicks(-1) } },
        { "journal", Identity with { JournalId = 4 } },
        { "sequence number", Identity with { LastUsn = 7 } },
    };

    private string File => _folder["hashes.memo"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Moved))]
    public void No_answer_is_given_when_any_part_of_the_identity_moved(string part, FileIdentity moved)
    {
        using PersistentHashMemo memo = Open();
        memo.Remember(Identity, Hash);

        Assert.True(memo.TryGet(Identity, out ContentHash hash));
        Assert.Equal(Hash, hash);
        Assert.False(memo.TryGet(moved, out _), part);
    }

    [Fact]
    public void What_is_remembered_is_there_in_the_next_process()
    {
        using (PersistentHashMemo memo = Open())
        {
            memo.Remember(Identity, Hash);
            memo.Remember(Identity with { FileId = 8 }, ContentHash.Compute("def"u8));
        }

        using PersistentHashMemo next = Open();

        Assert.Equal(2, next.Count);
        Assert.True(next.TryGet(Identity, out ContentHash hash));
        Assert.Equal(Hash, hash);
        Assert.Empty(_logger.Collector.GetSnapshot());
        Assert.Equal([File], Directory.GetFiles(_folder.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1.9, false)]
    [InlineData(2.1, true)]
    [InlineData(-10, false)]
    public void A_file_that_was_changed_a_moment_ago_could_change_again_and_look_the_same(double secondsAgo, bool isRemembered)
    {
        DateTime then = _time.GetUtcNow().UtcDateTime.AddSeconds(-secondsAgo);
        using PersistentHashMemo memo = Open();

        memo.Remember(Identity with { Changed = then }, Hash);
        memo.Remember(Identity with { Modified = then }, Hash);
        memo.Remember(Identity with { Changed = null, Modified = DateTime.SpecifyKind(then, DateTimeKind.Unspecified) }, Hash);

        Assert.Equal(isRemembered ? 3 : 0, memo.Count);
    }

    [Fact]
    public void A_file_whose_changes_nothing_shows_is_not_remembered()
    {
        using PersistentHashMemo memo = Open();

        memo.Remember(Identity with { Changed = null, LastUsn = 0 }, Hash);
        memo.Remember(Identity with { Changed = null, JournalId = 0 }, Hash);
        Assert.Equal(0, memo.Count);

        memo.Remember(Identity with { Changed = null }, Hash);
        memo.Remember(Identity with { JournalId = 0, LastUsn = 0 }, Hash);
        Assert.Equal(2, memo.Count);
    }

    [Fact]
    public void Every_cut_of_a_file_is_refused_and_the_memo_begun_anew()
    {
        Fill(100);
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        foreach (int length in Enumerable.Range(0, 200).Concat([bytes.Length - 1, bytes.Length - 48, bytes.Length + 1, bytes.Length + 48]))
        {
            System.IO.File.WriteAllBytes(File, [.. bytes.Take(length), .. new byte[Math.Max(0, length - bytes.Length)]]);
            AssertBegunAnew();
        }
    }

    [Property(MaxTest = 200)]
    public void A_file_with_one_changed_byte_is_refused(ushort place, byte value)
    {
        Fill(20);
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        bytes[place % bytes.Length] ^= (byte)(value | 1);
        System.IO.File.WriteAllBytes(File, bytes);

        AssertBegunAnew();
    }

    [Fact]
    public void A_file_that_states_more_entries_than_there_are_costs_no_memory()
    {
        Fill(1);
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), long.MaxValue);
        System.IO.File.WriteAllBytes(File, bytes);

        AssertBegunAnew();
        Assert.Contains("holds 48 bytes of entries, and 9,223,372,036,854,775,807 entries are stated", _logger.LatestRecord.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_something_else_is_replaced_only_when_there_is_something_to_save()
    {
        System.IO.File.WriteAllText(File, "somebody's letters, which are longer than a header of forty-eight bytes");
        using (PersistentHashMemo memo = Open())
        {
            Assert.Equal(0, memo.Count);
        }

        Assert.StartsWith("somebody", System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        Assert.EndsWith("is no memo of hashes.", _logger.LatestRecord.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_takes_no_file_is_logged_at_the_end_and_thrown_before()
    {
        TemporaryFolder gone = new();
        PersistentHashMemo memo = new(gone["hashes.memo"], 10, _time, _logger);
        memo.Remember(Identity, Hash);
        gone.Dispose();

        Assert.ThrowsAny<IOException>(memo.Save);
        memo.Dispose();

        Assert.Equal("MemoNotSaved", _logger.LatestRecord.Id.Name);
        Assert.True(memo.TryGet(Identity, out _));
    }

    [Property]
    public Property It_answers_as_a_dictionary_does_until_it_is_full() => Prop.ForAll(
        Gen.Zip(Gen.Choose(0, 200), Gen.Choose(0, 1000)).ListOf().ToArbitrary(),
        steps =>
        {
            System.IO.File.Delete(File);
            using PersistentHashMemo memo = new(File, 10_000, _time);
            Dictionary<int, ContentHash> model = [];
            foreach ((int file, int content) in steps)
            {
                ContentHash hash = ContentHash.Compute(BitConverter.GetBytes(content));
                memo.Remember(Identity with { FileId = (UInt128)file }, hash);
                model[file] = hash;
            }

            memo.Save();
            using PersistentHashMemo next = new(File, 10_000, _time);
            return Enumerable.Range(0, 201).All(file => new[] { memo, next }.All(one =>
                one.TryGet(Identity with { FileId = (UInt128)file }, out ContentHash hash) == model.TryGetValue(file, out ContentHash expected) && hash == expected));
        });

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(5000)]
    public void It_never_holds_more_than_its_limit_nor_gives_a_wrong_answer(int limit)
    {
        using PersistentHashMemo memo = new(File, limit, _time);
        for (int i = 0; i < 3 * limit; i++)
        {
            memo.Remember(Identity with { FileId = (UInt128)i }, ContentHash.Compute(BitConverter.GetBytes(i)));
        }

        int known = 0;
        for (int i = 0; i < 3 * limit; i++)
        {
            if (memo.TryGet(Identity with { FileId = (UInt128)i }, out ContentHash hash))
            {
                known++;
                Assert.Equal(ContentHash.Compute(BitConverter.GetBytes(i)), hash);
            }
        }

        Assert.Equal(memo.Count, known);
        Assert.InRange(known, (limit * 9 / 10) + 1, limit);
    }

    [Fact]
    public void What_is_asked_for_stays_when_others_make_room()
    {
        using PersistentHashMemo memo = new(File, 1000, _time);
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 100; i++)
            {
                FileIdentity file = Identity with { FileId = (UInt128)i };
                if (!memo.TryGet(file, out _))
                {
                    memo.Remember(file, Hash);
                }
            }

            for (int i = 0; i < 300; i++)
            {
                memo.Remember(Identity with { FileId = (UInt128)(1000 + (round * 300) + i) }, Hash);
            }
        }

        Assert.InRange(Enumerable.Range(0, 100).Count(i => memo.TryGet(Identity with { FileId = (UInt128)i }, out _)), 75, 100);
    }

    [Fact]
    public async Task It_is_used_and_saved_by_many_at_once()
    {
        using PersistentHashMemo memo = new(File, 100_000, _time);
        await Parallel.ForAsync(0, 8, TestContext.Current.CancellationToken, (worker, _) =>
        {
            for (int i = 0; i < 2000; i++)
            {
                FileIdentity file = Identity with { FileId = (UInt128)i, Volume = $"{worker % 4}" };
                memo.Remember(file, ContentHash.Compute(BitConverter.GetBytes(i)));
                Assert.True(memo.TryGet(file, out ContentHash hash) && hash == ContentHash.Compute(BitConverter.GetBytes(i)));
                if (i % 500 == 0)
                {
                    memo.Save();
                }
            }

            return ValueTask.CompletedTask;
        });

        memo.Save();
        using PersistentHashMemo next = new(File, 100_000, _time);
        Assert.Equal((8000, 8000), (memo.Count, next.Count));
    }

    private PersistentHashMemo Open() => new(File, 1000, _time, _logger);

    private void Fill(int count)
    {
        System.IO.File.Delete(File);
        using PersistentHashMemo memo = Open();
        for (int i = 0; i < count; i++)
        {
            memo.Remember(Identity with { FileId = (UInt128)i }, Hash);
        }
    }

    private void AssertBegunAnew()
    {
        _logger.Collector.Clear();
        using PersistentHashMemo memo = Open();
        Assert.Equal(0, memo.Count);
        Assert.False(memo.TryGet(Identity, out _));
        Assert.Equal("MemoRefused", Assert.Single(_logger.Collector.GetSnapshot()).Id.Name);
    }
}
