using System.Globalization;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.InsightCache.Server.Tests.Store;

public sealed class ProvenanceLogTests
{
    /// <summary>Whatever of its batches is chosen, the log tells of each client what was chosen and nothing else.</summary>
    [Property(MaxTest = 50)]
    public async Task The_log_tells_what_was_chosen_of_each_batch(bool[][] batches, bool[] all)
    {
        using TemporaryFolder folder = new();
        await using ProvenanceLog log = new(folder["log"], 1 << 20, new ServerClock(new FakeTimeProvider()), NullLogger.Instance);
        ulong[] allFingerprints = FingerprintsOf(batches.Length, all);
        log.AddAll(LogRecordKind.Voted, (uint)batches.Length, allFingerprints);
        for (int client = 0; client < batches.Length; client++)
        {
            byte[] bits = new byte[(batches[client].Length + 7) / 8];
            for (int i = 0; i < batches[client].Length; i++)
            {
                bits[i >> 3] |= (byte)((batches[client][i] ? 1 : 0) << (i & 7));
            }

            log.Add(LogRecordKind.Voted, lane: 1, (uint)client, FingerprintsOf(client, batches[client]), bits);
        }

        ProvenanceReader reader = await log.ReadAsync(TestContext.Current.CancellationToken);

        Assert.Equal(allFingerprints.ToHashSet(), reader.VotesOf((uint)batches.Length));
        for (int client = 0; client < batches.Length; client++)
        {
            ulong[] fingerprints = FingerprintsOf(client, batches[client]);
            Assert.Equal(fingerprints.Where((_, i) => batches[client][i]).ToHashSet(), reader.VotesOf((uint)client));
        }
    }

    /// <summary>Little batches go through the page cache, and large ones from the log's memory to the disk where that can be; readers see no difference, wherever one file ends and the next begins.</summary>
    [Theory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    [InlineData("ntfs")]
    public void A_log_reads_back_as_it_was_written_on(string kind)
    {
        using TemporaryFolder folder = new();
        using LoopVolume volume = LoopVolume.Make(kind, folder);
        int run = 0;
        Prop.ForAll(Gen.Choose(0, 3).SelectMany(static size => Gen.Choose(1, 10 << (3 * size))).NonEmptyListOf().ToArbitrary(), batches =>
        {
            string path = volume[$"log{run++}"];
            List<(uint Client, int Count)> written = [];
            using (LogSegments segments = new(path, 16L * 3 << 20))
            {
                using LogBuffer buffer = new();
                foreach (int records in batches)
                {
                    for (int i = 0; i < records; i++)
                    {
                        written.Add(((uint)written.Count, written.Count % 700));
                        Put(buffer, written[^1]);
                    }

                    Write(segments, buffer);
                }

                // The oldest file makes room for the sixteenth.
                List<(uint Client, int Count)> read = ReadAll(segments.Files);
                Assert.Equal(written.TakeLast(segments.Files.Count < 15 ? written.Count : Math.Max(read.Count, batches[^1])), read);
            }

            Directory.Delete(path, recursive: true);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    [Fact]
    public void A_large_batch_leaves_the_page_cache_to_others()
    {
        Peer.Require("fincore");
        using TemporaryFolder folder = new();
        using LoopVolume volume = LoopVolume.Make("ext4", folder);
        using LogSegments segments = new(volume["log"], 16L * 7 << 20);
        using LogBuffer buffer = new();
        for (int batch = 0; batch < 3; batch++)
        {
            for (int i = 0; i < 4000; i++)
            {
                Put(buffer, ((uint)i, 101));
            }

            Write(segments, buffer);
        }

        Assert.Equal(2, segments.Files.Count);
        string pages = Peer.Run("fincore", ["--noheadings", "--output", "PAGES", .. segments.Files]);
        Assert.InRange(pages.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(static count => int.Parse(count, CultureInfo.InvariantCulture)), 0, 1);
    }

    [Fact]
    public void A_disk_that_gets_full_takes_all_of_a_batch_or_none_of_it()
    {
        using TemporaryFolder folder = new();
        using LoopVolume volume = LoopVolume.Make("ext4", folder, megabytes: 24);
        using LogSegments segments = new(volume["log"], 1L << 30);
        using LogBuffer buffer = new();
        List<(uint Client, int Count)> written = [];
        List<(uint Client, int Count)> batch = [];
        try
        {
            while (written.Count < 100_000)
            {
                batch = [.. Enumerable.Range(written.Count, 1000).Select(static i => ((uint)i, 300))];
                batch.ForEach(record => Put(buffer, record));
                Write(segments, buffer);
                written.AddRange(batch);
            }
        }
        catch (IOException)
        {
            Assert.Equal(written, ReadAll(segments.Files));
        }

        Assert.InRange(written.Count, 1000, 10_000);
    }

    [Theory]
    [InlineData("a server that was killed before it wrote anything", true)]
    [InlineData("no server", false)]
    public async Task A_log_tells_that_something_may_be_missing_after(string before, bool isMissing)
    {
        using TemporaryFolder folder = new();
        FakeTimeProvider time = new();
        if (isMissing)
        {
            Directory.CreateDirectory(folder["log"]);
            await File.WriteAllBytesAsync(folder["log/000000000001.log"], [], TestContext.Current.CancellationToken);
        }

        await using ProvenanceLog log = new(folder["log"], 1 << 20, new ServerClock(time), NullLogger.Instance);
        ProvenanceReader reader = await log.ReadAsync(TestContext.Current.CancellationToken);
        _ = reader.VotesOf(1);

        Assert.True(isMissing == (reader.CompleteSince != uint.MaxValue), before);
    }

    private static void Write(LogSegments segments, LogBuffer buffer)
    {
        buffer.FillPage();
        long end = segments.EndAfter(buffer.Filled);
        segments.Write(buffer.Gathered);
        buffer.Restart(end);
    }

    private static void Put(LogBuffer buffer, (uint Client, int Count) content)
    {
        LogRecord record = new(LogRecordKind.Relied, 0, content.Count, content.Client, 0);
        Span<byte> place = buffer.Take(record.Size);
        MemoryMarshal.Cast<byte, ulong>(place[LogRecord.HeaderSize..]).Fill(content.Client);
        record.Write(place);
    }

    private static List<(uint Client, int Count)> ReadAll(IReadOnlyList<string> files)
    {
        List<(uint Client, int Count)> read = [];
        foreach (string file in files)
        {
            ProvenanceReader.Visit(file, (in LogRecord record, ReadOnlySpan<ulong> fingerprints) =>
            {
                Assert.False(fingerprints.ContainsAnyExcept((ulong)record.Client));
                read.Add((record.Client, record.Count));
            });
        }

        return read;
    }

    private static ulong[] FingerprintsOf(int client, bool[] batch) => [.. batch.Select((_, i) => ((ulong)client << 32) | (uint)i)];
}
