using Microsoft.Extensions.Logging.Abstractions;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv.Tests;

/// <summary>Whatever goes wrong under libclamav, the content is not called clean.</summary>
public sealed class LibClamAvFaultTests : IDisposable
{
    private readonly TestDefinitions _definitions = new();

    public LibClamAvFaultTests() => Peer.Require("clamscan");

    public static TheoryData<string> Wrappings => [.. Samples.Wrappings];

    public void Dispose() => _definitions.Dispose();

    [Theory]
    [MemberData(nameof(Wrappings))]
    public void A_content_that_cannot_be_read_at_some_place_is_not_clean(string what)
    {
        byte[] bytes = Samples.Wrap(what, Samples.Noise(3_000_000));
        using LibClamAvEngine memory = Engine();
        using LibClamAvEngine pages = Engine(static options => options.MaxInMemory = 0);

        for (int at = 0; at < bytes.Length; at += 980_000)
        {
            using BrokenContent content = new(bytes, at, at + 512);
            Assert.Equal((what, at, "a sector is broken"), (what, at, Assert.Throws<IOException>(() => Scan(memory, content)).Message));
            Assert.Equal((what, at, "a sector is broken"), (what, at, Assert.Throws<IOException>(() => Scan(pages, content)).Message));
        }
    }

    [Fact]
    public void The_last_byte_counts()
    {
        byte[] bytes = Samples.Noise(20 << 20);
        using BrokenContent content = new(bytes, bytes.Length - 1);
        using LibClamAvEngine engine = Engine();

        Assert.Throws<IOException>(() => Scan(engine, content));
    }

    [Fact]
    public void A_threat_that_was_found_counts_although_a_read_failed_behind_it()
    {
        using BrokenContent content = new(new byte[10], 5);
        using NativeScan scan = new(content, 100, NullLogger.Instance, TestContext.Current.CancellationToken);
        scan.OnFound("Heuristics.Limits.Exceeded.MaxFiles");
        scan.OnFound("Threat");

        Assert.False(scan.TryRead(0, new byte[10], out _));
        Assert.Equal(Verdict.Infected("Threat"), scan.Judge(ClamAvCode.Clean, null, LibClamAv.Load(null)));
    }

    [Theory]
    [InlineData(3_000_000)]
    [InlineData(20 << 20)]
    public void A_content_that_shrinks_while_it_is_read_is_not_clean(int length)
    {
        using ShrinkingContent content = new(Samples.Noise(length), length / 2);
        using LibClamAvEngine engine = Engine();

        Assert.Throws<IOException>(() => Scan(engine, content));
    }

    [Fact]
    public void Whatever_a_content_throws_comes_out_as_a_failed_read()
    {
        using ObservedContent content = new(Samples.Noise(100_000), static _ => throw new InvalidOperationException("odd"));
        using LibClamAvEngine engine = Engine(static options => options.MaxInMemory = 0);

        Assert.Equal("odd", Assert.Throws<IOException>(() => Scan(engine, content)).Message);
    }

    [Fact]
    public void A_content_of_more_than_2_GiB_is_incomplete_without_being_read()
    {
        using SparseContent content = new(3L << 30, (3L << 30) - 100, TestDefinitions.Marker);
        using LibClamAvEngine engine = Engine();

        Verdict verdict = Scan(engine, content);

        Assert.Equal(VerdictKind.Incomplete, verdict.Kind);
        Assert.Contains("maxFileSize", verdict.Detail, StringComparison.Ordinal);
        Assert.Equal(0, content.BytesRead);
    }

    [Fact]
    public void A_member_over_the_largest_size_makes_its_container_incomplete()
    {
        byte[] member = new byte[200_000];
        AssertIncomplete(Samples.Zip(member), "axFileSize", static options => options.MaxFileSize = 100_000);
        AssertIncomplete(Samples.Zip(member), "axFileSize", static options => options.MaxFileSize = 199_999);
        AssertIncomplete(Samples.Zip(Samples.Zip(member)), "axFileSize", static options => options.MaxFileSize = 100_001);
        AssertIncomplete(Samples.GZip(member), "axFileSize", static options => options.MaxFileSize = 100_000);
    }

    [Fact]
    public void A_bomb_is_incomplete()
        => AssertIncomplete(
            Samples.Zip(Enumerable.Range(0, 50).Select(static i => ($"{i}", new byte[1 << 20]))), "MaxScanSize", static options => options.MaxScanSize = 10 << 20);

    [Fact]
    public void Too_many_members_are_incomplete()
        => AssertIncomplete(Samples.Zip(Enumerable.Range(0, 50).Select(static i => ($"{i}", Samples.Noise(100, i)))), "MaxFiles", static options => options.MaxFiles = 10);

    [Fact]
    public void Containers_that_lie_too_deep_in_one_another_are_incomplete()
    {
        AssertIncomplete(Samples.Nested(Eicar.Bytes, 30, static inner => Samples.Zip(inner)), "MaxRecursion", static _ => { });
        AssertIncomplete(Samples.Nested(Eicar.Bytes, 30, Samples.GZip), "MaxRecursion", static _ => { });
    }

    [Fact]
    public void A_scan_that_takes_too_long_is_incomplete()
        => AssertIncomplete(
            Samples.Zip(Enumerable.Range(0, 300).Select(static i => ($"{i}", Samples.Noise(300_000, i)))), "MaxScanTime", static options => options.MaxScanTime = TimeSpan.FromMilliseconds(50));

    [Fact]
    public void What_is_encrypted_is_incomplete()
    {
        AssertIncomplete(Samples.Encrypted(Samples.Zip(Samples.Noise(1000))), "encrypted", static _ => { });
        AssertIncomplete(Samples.Zip(Samples.Encrypted(Samples.Zip(Samples.Noise(1000)))), "encrypted", static _ => { });
    }

    [Fact]
    public void What_7_Zip_encrypted_is_incomplete()
    {
        Peer.Require("7zz");
        using TemporaryFolder folder = new();
        foreach (string format in new[] { "zip", "7z" })
        {
            Peer.RunWithInput("a secret", "7zz", "a", $"-t{format}", "-psecret", "-simember", folder[$"a.{format}"]);
            AssertIncomplete(File.ReadAllBytes(folder[$"a.{format}"]), "encrypted", static _ => { });
        }
    }

    [Fact]
    public void A_threat_beside_something_encrypted_or_over_a_limit_is_found()
    {
        using LibClamAvEngine engine = Engine(static options => options.MaxFileSize = 100_000);
        byte[] encrypted = Samples.Encrypted(Samples.Zip(Samples.Noise(1000)));

        foreach ((string, byte[])[] members in new (string, byte[])[][]
        {
            [("a", encrypted), ("b", Eicar.Bytes)],
            [("a", Eicar.Bytes), ("b", encrypted)],
            [("a", new byte[200_000]), ("b", Eicar.Bytes)],
            [("a", Eicar.Bytes), ("b", new byte[200_000])],
        })
        {
            using MemoryContent content = new("x", Samples.Zip(members));
            Assert.Equal(Verdict.Infected(TestDefinitions.EicarName), Scan(engine, content));
        }
    }

    [Fact]
    public void A_folder_for_members_that_is_missing_makes_the_scan_fail()
    {
        using LibClamAvEngine engine = Engine(static options => options.TemporaryFolder = "/no/such/folder");
        using MemoryContent content = new("x", Samples.Zip("abc"u8.ToArray()));

        Assert.Equal(VerdictKind.Failed, Scan(engine, content).Kind);
    }

    [Fact]
    public void A_full_disk_is_never_clean()
    {
        Peer.RequireRoot();
        using TemporaryFolder folder = new();
        Peer.Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.Path);
        try
        {
            using LibClamAvEngine engine = Engine(options => options.TemporaryFolder = folder.Path);
            foreach (byte[] bytes in new[]
            {
                Samples.Zip(Samples.Noise(2_000_000)),
                Samples.GZip(Samples.Tar([.. Samples.Noise(2_000_000), .. TestDefinitions.Marker])),
                Samples.Tar(Samples.Zip([.. Samples.Noise(2_000_000), .. TestDefinitions.Marker])),
            })
            {
                using MemoryContent content = new("x", bytes);
                Verdict verdict = Scan(engine, content);
                Assert.True(verdict.Kind is VerdictKind.Failed or VerdictKind.Incomplete, verdict.ToString());
            }

            Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        }
        finally
        {
            Peer.Run("umount", folder.Path);
        }
    }

    [Fact]
    public void A_cancelled_scan_ends_while_pages_are_read_and_between_members()
    {
        using LibClamAvEngine pages = Engine(static options => options.MaxInMemory = 0);
        using CancellationTokenSource duringReads = new();
        int reads = 0;
        using ObservedContent content = new(Samples.Noise(3_000_000), _ =>
        {
            if (++reads == 3)
            {
                duringReads.Cancel();
            }
        });

        Assert.Throws<OperationCanceledException>(() => pages.Scan(content, null, duringReads.Token));
        Assert.Equal(3, reads);
        Assert.Throws<OperationCanceledException>(() => pages.Scan(content, null, new CancellationToken(canceled: true)));
    }

    private static Verdict Scan(LibClamAvEngine engine, ScanContent content) => engine.Scan(content, null, TestContext.Current.CancellationToken).Verdict;

    private void AssertIncomplete(byte[] bytes, string why, Action<LibClamAvOptions> configure)
    {
        foreach (int inMemory in new[] { 0, 16 << 20 })
        {
            using LibClamAvEngine engine = Engine(options =>
            {
                configure(options);
                options.MaxInMemory = inMemory;
            });
            using MemoryContent content = new("x", bytes);
            Verdict verdict = Scan(engine, content);
            Assert.Equal((VerdictKind.Incomplete, inMemory), (verdict.Kind, inMemory));
            Assert.Contains(why, verdict.Detail, StringComparison.Ordinal);
        }
    }

    private LibClamAvEngine Engine(Action<LibClamAvOptions>? configure = null)
    {
        LibClamAvOptions options = new() { DatabasePath = _definitions.Folder };
        configure?.Invoke(options);
        return new LibClamAvEngine(options);
    }
}
