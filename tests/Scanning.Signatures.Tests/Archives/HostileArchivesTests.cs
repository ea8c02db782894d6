using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

/// <summary>Archives that were made to exhaust, to hide or to break.</summary>
public sealed class HostileArchivesTests
{
    private static readonly string[] Samples =
    [
        "clam.zip", "clam.bz2.zip", "clam.d64.zip", "clam.impl.zip", "clam.exe.bz2", "clam.tar.gz", "clam.7z", "clam.cab", "clam.chm", "clam.ole.doc", "clam.ppt", "clam.arj",
        "clam.bin-be.cpio", "clam.newc.cpio", "clam.odc.cpio", "clam.exe.binhex", "clam.exe.html", "clam.exe.mbox.uu", "clam.mail", "clam.exe.rtf", "clam.exe.szdd",
        "clam.pdf", "clam.tnef",
    ];

    [Property(MaxTest = 2000)]
    public void Changed_and_cut_archives_give_members_or_say_that_they_are_incomplete(byte sample, int seed, byte changes, bool cut)
    {
        byte[] bytes = ClamAvTestFiles.Read(Samples[sample % Samples.Length]);
        Random random = new(seed);
        for (int i = changes % 6; i > 0; i--)
        {
            bytes[random.Next(random.Next(2) == 0 ? bytes.Length : Math.Min(bytes.Length, 200))] = (byte)random.Next(256);
        }

        bytes = cut ? bytes[..random.Next(bytes.Length)] : bytes;
        ArchiveLimits limits = new() { MaxMemberLength = 4 << 20, MaxTotalLength = 8 << 20, MaxMembers = 200, MaxTime = TimeSpan.FromSeconds(20) };
        Unpacked unpacked = Unpacked.From(bytes, limits);

        Assert.InRange(unpacked.Total, 0, 40 << 20);
    }

    [Property(MaxTest = 2000)]
    public void Any_bytes_behind_the_magic_of_any_format_give_members_or_say_that_they_are_incomplete(byte sample, byte[] tail, byte keep)
    {
        byte[] head = ClamAvTestFiles.Read(Samples[sample % Samples.Length]);

        Unpacked.From([.. head.AsSpan(0, Math.Min(head.Length, 4 + (keep % 64))), .. tail]);
    }

    [Property(MaxTest = 100)]
    public void A_changed_cabinet_packed_by_LZX_gives_members_or_says_that_it_is_incomplete(int seed, byte changes)
    {
        byte[] installer = ClamAvTestFiles.Read("clam_IScab_int.exe");
        byte[] cabinet = installer[installer.AsSpan().IndexOf("MSCF\0\0\0\0"u8)..];
        Random random = new(seed);
        for (int i = (changes % 5) + 1; i > 0; i--)
        {
            cabinet[random.Next(random.Next(2) == 0 ? cabinet.Length : 20_000)] = (byte)random.Next(256);
        }

        Assert.InRange(Unpacked.From(cabinet, new ArchiveLimits { MaxTotalLength = 2 << 20 }).Total, 0, 4 << 20);
    }

    [Fact]
    public void Every_archive_that_is_cut_off_is_incomplete()
    {
        foreach (string sample in new[] { "clam.zip", "clam.exe.bz2", "clam.tar.gz", "clam.7z", "clam.cab", "clam.ole.doc", "clam.newc.cpio", "clam.exe.szdd", "clam.tnef", "clam.arj" })
        {
            byte[] bytes = ClamAvTestFiles.Read(sample);
            Assert.False(Unpacked.From(bytes[..(bytes.Length * 2 / 3)]).Faults.Count == 0, sample);
        }
    }

    [Theory]
    [InlineData("gz")]
    [InlineData("zip")]
    public void A_bomb_is_incomplete_and_unpacked_no_further_than_the_limits(string kind)
    {
        byte[] bomb = new byte[64 << 20];
        byte[] packed = kind == "gz" ? Gzip(bomb) : Zip("bomb", bomb);
        Unpacked byMember = Unpacked.From(packed, new ArchiveLimits { MaxMemberLength = 1 << 20 });
        Unpacked byTotal = Unpacked.From(packed, new ArchiveLimits { MaxTotalLength = 2 << 20 });
        Unpacked byRatio = Unpacked.From(packed, new ArchiveLimits { MaxRatio = 100 });

        Assert.Contains("longer than 1,048,576 bytes", Assert.Single(byMember.Faults), StringComparison.Ordinal);
        Assert.InRange(byMember.Total, 1, 1 << 20);
        Assert.Contains(byTotal.Faults, static fault => fault.Contains("more than 2,097,152 bytes unpacked", StringComparison.Ordinal));
        Assert.InRange(byTotal.Total, 1, (2 << 20) + (64 << 10));
        Assert.Contains("more than 100 times as long as it was packed", Assert.Single(byRatio.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_that_lie_too_deep_in_each_other_are_incomplete()
    {
        byte[] packed = "the core"u8.ToArray();
        for (int i = 0; i < 10; i++)
        {
            packed = Gzip(packed);
        }

        Assert.Empty(Unpacked.From(packed).Faults);
        Assert.True(Unpacked.From(packed, new ArchiveLimits { MaxDepth = 10 }).Contains("the core"u8.ToArray()));
        Unpacked shallow = Unpacked.From(packed, new ArchiveLimits { MaxDepth = 9 });
        Assert.Contains("deeper than 9 archives", Assert.Single(shallow.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_that_contains_itself_is_incomplete()
    {
        // One member lies over the whole archive: opening it finds the same archive again, for ever.
        byte[] quine = new byte[1024];
        TarHeader("quine", 1024).CopyTo(quine, 0);
        Self self = new(quine);

        Unpacked unpacked = Unpacked.From(self, new ArchiveLimits { MaxMembers = 50 });
        Assert.NotEmpty(unpacked.Faults);
        Assert.InRange(unpacked.Contents.Count, 1, 50);
    }

    [Fact]
    public void More_members_than_are_allowed_are_incomplete_and_the_first_are_seen()
    {
        using MemoryStream buffer = new();
        using (ZipArchive archive = new(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (int i = 0; i < 100; i++)
            {
                using Stream entry = archive.CreateEntry($"{i}").Open();
                entry.WriteByte((byte)i);
            }
        }

        Unpacked unpacked = Unpacked.From(buffer.ToArray(), new ArchiveLimits { MaxMembers = 30 });
        Assert.Equal(30, unpacked.Contents.Count);
        Assert.Contains("more than 30 members", Assert.Single(unpacked.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Unpacking_ends_when_time_is_up()
    {
        FakeTimeProvider time = new() { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };

        Unpacked unpacked = Unpacked.From(Zip("a", new byte[8 << 20]), new ArchiveLimits { MaxTime = TimeSpan.FromSeconds(20) }, time);
        Assert.Contains(unpacked.Faults, static fault => fault.Contains("more than 20 seconds of unpacking", StringComparison.Ordinal));
    }

    [Fact]
    public void A_member_that_the_directory_does_not_name_is_found()
    {
        byte[] hidden = Zip("hidden", "malware"u8.ToArray());
        byte[] shown = Zip("shown", "harmless"u8.ToArray());

        // Only the second archive's directory is at the end; it does not name what lies in front of it.
        Unpacked unpacked = Unpacked.From([.. hidden, .. shown]);
        Assert.True(unpacked.Contains("malware"u8.ToArray()));
        Assert.True(unpacked.Contains("harmless"u8.ToArray()));
        Assert.Empty(unpacked.Faults);
    }

    [Fact]
    public void A_member_whose_header_is_not_where_the_directory_says_is_found_all_the_same()
    {
        byte[] zip = Zip("moved", "malware"u8.ToArray());
        int directory = zip.AsSpan().IndexOf("PK\x01\x02"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(directory + 42), 7);

        Unpacked unpacked = Unpacked.From(zip);
        Assert.True(unpacked.Contains("malware"u8.ToArray()));
        Assert.NotEmpty(unpacked.Faults);
    }

    [Fact]
    public void Good_members_of_an_archive_with_a_damaged_one_are_seen()
    {
        byte[] zip = [.. Zip("good", "good bytes"u8.ToArray())];
        byte[] tar = [.. TarHeader("good", 5), .. "fives"u8, .. new byte[507], .. TarHeader("bad", 5000), .. "cut"u8];
        zip[zip.AsSpan().IndexOf("PK\x03\x04"u8) + 14] ^= 1;
        Unpacked fromTar = Unpacked.From(tar);

        Assert.True(fromTar.Contains("fives"u8.ToArray()));
        Assert.True(fromTar.Contains("cut"u8.ToArray()));
        Assert.Contains("outer!/bad: cut off", Assert.Single(fromTar.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_checksum_is_incomplete_and_the_bytes_are_seen()
    {
        byte[] zip = Zip("file", "some bytes"u8.ToArray());
        zip[zip.AsSpan().IndexOf("PK\x01\x02"u8) + 16] ^= 1;

        Unpacked unpacked = Unpacked.From(zip);
        Assert.True(unpacked.Contains("some bytes"u8.ToArray()));
        Assert.Contains("checksum", Assert.Single(unpacked.Faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 40 })]
    [InlineData(new byte[] { 38 })]
    public void A_dictionary_that_is_larger_than_the_limit_is_refused_before_it_is_allocated(byte[] code)
    {
        byte[] block = [2, 0, 0x21, 1, .. code, 0, 0, 0];
        byte[] xz = [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, 0, 0, 0xFF, 0x12, 0xD9, 0x41, .. block, .. Crc32.Hash(block), 0, 0, 0, 0];

        Unpacked unpacked = Unpacked.From(xz);
        Assert.Contains("needs a dictionary of", Assert.Single(unpacked.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void The_dictionary_of_a_7z_archive_meets_the_limit_before_an_unpacker_is_asked()
    {
        using TemporaryFolder folder = new();
        Peer.Require("7zz");
        File.WriteAllBytes(folder["x"], new byte[3 << 20]);
        Peer.Run("7zz", "a", "-bd", "-m0=LZMA2:d=4m", folder["a.7z"], folder["x"]);
        byte[] archive = File.ReadAllBytes(folder["a.7z"]);

        Assert.Empty(Unpacked.From(archive).Faults);
        Unpacked refused = Unpacked.From(archive, new ArchiveLimits { MaxDictionary = 1 << 20 });
        Assert.Empty(refused.Contents);
        Assert.Contains("needs a dictionary of", Assert.Single(refused.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_that_cannot_be_read_is_no_damaged_archive()
    {
        byte[] random = new byte[200_000];
        new Random(1).NextBytes(random);
        using Unreadable content = new(Zip("file", random));

        Assert.Throws<IOException>(() => Unpacked.From(content));
    }

    [Fact]
    public void A_program_that_only_knows_the_marks_of_archives_is_complete()
    {
        byte[] program =
        [
            .. ExecutableSamples.Importing("a.dll", ["b"]), .. "PK\x03\x04PK\x05\x06Rar!\x1A\x07\x00\0Rar!\x1A\x07\x01\x00"u8,
            (byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C, .. "MSCF\0\0\0\0"u8, .. new byte[200],
        ];

        Unpacked unpacked = Unpacked.From(program);
        Assert.Empty(unpacked.Faults);
        Assert.Empty(unpacked.Contents);
    }

    [Fact]
    public void Names_are_bounded()
    {
        Unpacked unpacked = Unpacked.From(Zip(new string('n', 60_000), "x"u8.ToArray()));

        Assert.InRange(Assert.Single(unpacked.Contents).Location.Length, 100, 300);
    }

    [Fact]
    public void Limits_state_their_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ArchiveLimits { MaxDepth = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ArchiveLimits { MaxDepth = 65 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ArchiveLimits { MaxMembers = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ArchiveLimits { MaxMemberLength = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ArchiveLimits { MaxTotalLength = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ArchiveLimits { MaxRatio = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ArchiveLimits { MaxDictionary = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ArchiveLimits { MaxTime = TimeSpan.Zero });
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream buffer = new();
        using (GZipStream gzip = new(buffer, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return buffer.ToArray();
    }

    private static byte[] Zip(string name, byte[] bytes)
    {
        using MemoryStream buffer = new();
        using (ZipArchive archive = new(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry(name).Open();
            entry.Write(bytes);
        }

        return buffer.ToArray();
    }

    private static byte[] TarHeader(string name, int size)
    {
        byte[] header = new byte[512];
        System.Text.Encoding.ASCII.GetBytes(name).CopyTo(header, 0);
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')).CopyTo(header, 124);
        header[156] = (byte)'0';
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        int sum = header.Sum(static value => value) + (8 * ' ');
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
        return header;
    }

    /// <summary>A content that goes on with itself behind its header.</summary>
    private sealed class Self(byte[] bytes) : ScanContent
    {
        public override string Location => "self";

        public override long Length => 1L << 30;

        protected override void ReadCore(long offset, Span<byte> buffer)
        {
            for (int i = 0; i < buffer.Length; i++)
            {
                buffer[i] = bytes[(offset + i) % 512];
            }
        }
    }

    private sealed class Unreadable(byte[] bytes) : ScanContent
    {
        public override string Location => "unreadable";

        public override long Length => bytes.Length;

        protected override void ReadCore(long offset, Span<byte> buffer)
        {
            // All but the directory and the header.
            if (offset + buffer.Length > 100 && offset < bytes.Length - 70_000)
            {
                throw new IOException("broken");
            }

            bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
        }
    }
}
