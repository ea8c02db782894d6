using FsCheck.Xunit;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Peers;

namespace Symantec.Virtualization.Management.Client.Tests;

/// <summary>Laws of the spool.</summary>
public class SpoolTests
{
    private const long Limit = 8 << 20;

    /// <summary>Whatever is added, peeked at, taken and restarted: what leaves is what came, each once, in its order.</summary>
    [Property(MaxTest = 100)]
    public void What_comes_leaves_once_and_in_its_order(byte[] steps)
    {
        using TemporaryFolder folder = new();
        ResultSpool spool = new(folder["spool"], Limit);
        Queue<string> expected = new();
        int added = 0;
        foreach (byte step in steps)
        {
            switch (step % 5)
            {
                case 0 or 1:
                    string threat = $"threat {added++}";
                    spool.Add(detections: [Detection(threat)]);
                    expected.Enqueue(threat);
                    break;
                case 2:
                    spool = new ResultSpool(folder["spool"], Limit);
                    break;
                case 3:
                    // The manager has it, and the process ends before that is known: it comes again with the same identifier.
                    if (spool.TryPeek(out ResultBatch? first, out _))
                    {
                        spool = new ResultSpool(folder["spool"], Limit);
                        Assert.True(spool.TryPeek(out ResultBatch? again, out _));
                        Assert.Equal(first!.Id, again!.Id);
                    }

                    break;
                default:
                    Assert.Equal(expected.Count > 0, spool.TryPeek(out ResultBatch? batch, out long ticket));
                    if (batch is not null)
                    {
                        Assert.Equal(expected.Dequeue(), Assert.Single(batch.Detections).Threat);
                        spool.Remove(ticket);
                    }

                    break;
            }

            Assert.Equal(expected.Count, spool.Count);
        }
    }

    [Property(MaxTest = 50)]
    public void Whatever_is_split_is_whole_and_every_piece_is_taken(ushort scans, ushort detections, ushort savings)
    {
        ScanDocument scan = new() { Started = DateTimeOffset.UtcNow, Trigger = default, Target = "x", Contents = 1, Bytes = 1 };
        SavingDocument saving = new() { Day = new DateOnly(2026, 1, 1), Exemption = "x", Contents = 1, Bytes = 1 };
        ResultBatch[] batches =
        [
            .. ResultSpool.Split(
                [.. Enumerable.Repeat(scan, scans % 300)], [.. Enumerable.Repeat(Detection("x"), detections % 3000)], [.. Enumerable.Repeat(saving, savings % 3000)], DateTimeOffset.UtcNow),
        ];

        Assert.All(batches, static batch => batch.Validate());
        Assert.Equal(batches.Length, batches.Select(static batch => batch.Id).Distinct().Count());
        Assert.Equal(
            (scans % 300, detections % 3000, savings % 3000),
            (batches.Sum(static b => b.Scans.Count), batches.Sum(static b => b.Detections.Count), batches.Sum(static b => b.Savings.Count)));
    }

    [Fact]
    public void What_cannot_be_read_for_a_moment_waits()
    {
        using TemporaryFolder folder = new();
        ResultSpool spool = new(folder["spool"], Limit);
        spool.Add(detections: [Detection("first")]);
        spool.Add(detections: [Detection("second")]);
        using (new FileStream(Directory.GetFiles(folder["spool"]).Order().First(), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.False(spool.TryPeek(out _, out _));
            Assert.Equal(2, spool.Count);
        }

        Assert.True(spool.TryPeek(out ResultBatch? batch, out _));
        Assert.Equal("first", Assert.Single(batch!.Detections).Threat);
    }

    [Fact]
    public void Results_wait_in_memory_while_the_disk_takes_nothing_and_go_there_when_it_does()
    {
        using TemporaryFolder folder = new();
        ResultSpool spool = new(folder["spool"], Limit);
        Directory.Delete(folder["spool"]);
        File.WriteAllText(folder["spool"], "no folder: nothing can be written into it");

        bool kept = spool.Add(detections: [Detection("one")]);
        int inMemory = spool.InMemory;
        File.Delete(folder["spool"]);
        Directory.CreateDirectory(folder["spool"]);
        bool next = spool.Add(detections: [Detection("two")]);
        ResultSpool again = new(folder["spool"], Limit);

        Assert.Equal((false, 1, true, 0, 2), (kept, inMemory, next, spool.InMemory, again.Count));
    }

    [Fact]
    public void A_disk_that_is_full_loses_nothing_that_was_kept()
    {
        Peer.RequireRoot();
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["small"]);
        Peer.Run("mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", folder["small"]);
        try
        {
            ResultSpool spool = new(folder["small"] + "/spool", Limit);
            Assert.True(spool.Add(detections: [Detection("first")]));
            try
            {
                using FileStream filler = new(folder["small"] + "/filler", FileMode.CreateNew);
                for (int i = 0; i < 1024; i++)
                {
                    filler.Write(new byte[4096]);
                    filler.Flush();
                }
            }
            catch (IOException)
            {
                // It is full now.
            }

            bool kept = spool.Add(detections: [.. Enumerable.Range(0, 256).Select(static i => Detection($"full {i}"))]);
            File.Delete(folder["small"] + "/filler");
            Assert.True(spool.TryPeek(out ResultBatch? oldest, out _));

            Assert.False(kept);
            Assert.Equal("first", Assert.Single(oldest!.Detections).Threat);
            Assert.Equal(0, spool.InMemory);
            Assert.Equal(2, new ResultSpool(folder["small"] + "/spool", Limit).Count);
        }
        finally
        {
            Peer.Run("umount", folder["small"]);
        }
    }

    [Fact]
    public void What_finds_no_room_is_refused_as_a_whole()
    {
        using TemporaryFolder folder = new();
        ResultSpool spool = new(folder["spool"], 1 << 20);
        DetectionDocument[] many = [.. Enumerable.Range(0, 1000).Select(static _ => Detection("x") with { Location = new string('y', 2000) })];

        Assert.Throws<SpoolFullException>(() => spool.Add(detections: many));

        Assert.Equal(0, spool.Count);
        Assert.True(spool.Add(detections: [Detection("x")]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"id\":1}")]
    public void A_file_that_is_no_batch_holds_up_no_other(string content)
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["spool"]);
        File.WriteAllText(Path.Combine(folder["spool"], 1.ToString("D19", null) + ".json"), content);
        File.WriteAllText(Path.Combine(folder["spool"], "1.json.partial"), content);
        ResultSpool spool = new(folder["spool"], Limit);
        spool.Add(detections: [Detection("good")]);

        Assert.True(spool.TryPeek(out ResultBatch? batch, out _));

        Assert.Equal("good", Assert.Single(batch!.Detections).Threat);
        Assert.Equal(1, spool.Count);
    }

    private static DetectionDocument Detection(string threat) => new() { Time = DateTimeOffset.UtcNow, Threat = threat, Location = "/tmp/x" };
}
