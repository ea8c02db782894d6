using System.Security.Cryptography;
using System.Text;
using Symantec.Virtualization.Peers;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests;

public sealed class SignatureEngineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", true)]
    [InlineData("\r\n", true)]
    [InlineData(" \t\r\n\u001A", true)]
    [InlineData("                                                            ", true)]
    [InlineData("                                                             ", false)]
    [InlineData("x", false)]
    [InlineData("\0", false)]
    public void The_EICAR_test_file_is_known_with_white_space_behind_it_up_to_128_characters(string behind, bool found)
    {
        Verdict verdict = Scan(SignatureDatabase.Embedded, [.. Eicar.Bytes, .. Encoding.ASCII.GetBytes(behind)]);

        Assert.Equal(found ? Verdict.Infected("Eicar-Test-Signature") : Verdict.Clean, verdict);
    }

    [Fact]
    public void The_EICAR_test_file_is_known_whatever_is_loaded_and_by_the_name_that_the_definitions_give_it()
    {
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(Eicar.Bytes));

        Assert.Equal(Verdict.Infected("Eicar-Test-Signature"), Scan(Database($"{Hash("MD5", "x")}:1:X"), Eicar.Bytes));
        Assert.Equal(Verdict.Infected("Eicar-Test-Signature"), Scan(Database($"{Hash("MD5", "x")}:1:X"), [.. Eicar.Bytes, 13, 10]));
        Assert.Equal(Verdict.Infected("Local.Name"), Scan(Database($"{sha256}:68:Local.Name"), Eicar.Bytes));
    }

    [Fact]
    public void Any_other_68_characters_are_not_the_test_file()
    {
        for (int i = 0; i < 68; i++)
        {
            byte[] other = Eicar.Bytes;
            other[i] ^= 0x20;
            Assert.Equal(Verdict.Clean, Scan(SignatureDatabase.Embedded, other));
        }
    }

    [Theory]
    [InlineData("MD5", "5")]
    [InlineData("SHA1", "5")]
    [InlineData("SHA256", "5")]
    [InlineData("MD5", "*")]
    [InlineData("SHA256", "*")]
    public void A_file_is_found_by_every_kind_of_hash(string algorithm, string size)
    {
        SignatureDatabase database = Database($"{Hash(algorithm, "virus")}:{size}:Found:73");

        Assert.Equal(Verdict.Infected("Found"), Scan(database, "virus"u8.ToArray()));
        Assert.Equal(Verdict.Clean, Scan(database, "virus!"u8.ToArray()));
        Assert.Equal(Verdict.Clean, Scan(database, "VIRUS"u8.ToArray()));
    }

    [Fact]
    public void The_size_must_match_where_it_is_stated()
        => Assert.Equal(Verdict.Clean, Scan(Database($"{Hash("MD5", "virus")}:6:Found"), "virus"u8.ToArray()));

    [Fact]
    public void A_file_larger_than_any_window_is_found()
    {
        byte[] large = new byte[3_000_001];
        new Random(1).NextBytes(large);
        SignatureDatabase database = Database($"{Convert.ToHexStringLower(SHA256.HashData(large))}:{large.Length}:Large");

        Assert.Equal(Verdict.Infected("Large"), Scan(database, large));
    }

    [Fact]
    public void Clean_means_that_every_byte_was_there_to_be_read_even_where_no_size_matches()
    {
        using Broken content = new(length: 1_000_000, brokenAt: 999_999);

        Assert.Throws<IOException>(() => new SignatureEngine(SignatureDatabase.Embedded).Scan(content, null, CancellationToken.None));
    }

    [Fact]
    public void A_content_whose_hash_was_just_computed_is_known_by_it_before_it_is_read()
    {
        ContentHash hash = ContentHash.Compute("virus"u8);
        using Broken content = new(length: 1_000_000, brokenAt: 500_000, [.. "FWS\x05"u8]);

        Assert.Equal(Verdict.Infected("Y"), new SignatureEngine(Database($"{hash}:1000000:Y")).Scan(content, hash, CancellationToken.None).Verdict);
        Assert.Throws<IOException>(() => new SignatureEngine(Database($"{Hash("MD5", "x")}:*:X:73")).Scan(content, hash, CancellationToken.None));
    }

    [Theory]
    [InlineData("GIF89a")]
    [InlineData("plain text")]
    [InlineData("\u007FELF")]
    public void A_content_that_archives_hide_in_is_read_from_end_to_end_even_if_its_hash_was_just_computed(string head)
    {
        using Broken content = new(length: 1_000_000, brokenAt: 999_999, Encoding.ASCII.GetBytes(head));

        Assert.Throws<IOException>(() => new SignatureEngine(SignatureDatabase.Embedded).Scan(content, ContentHash.Compute("x"u8), CancellationToken.None));
    }

    [Fact]
    public void A_scan_can_be_ended() => Assert.Throws<OperationCanceledException>(
        () => new SignatureEngine(SignatureDatabase.Embedded).Scan(new MemoryContent("x", new byte[1]), null, new CancellationToken(canceled: true)));

    [Fact]
    public void An_empty_file_is_clean() => Assert.Equal(Verdict.Clean, Scan(Database($"{Hash("MD5", "")}:*:Empty:74"), []));

    [Fact]
    public void A_content_with_more_holes_than_are_hashed_is_incomplete_where_a_signature_is_for_any_size()
    {
        using Hole content = new();

        Verdict verdict = new SignatureEngine(Database($"{Hash("MD5", "x")}:*:X:73")).Scan(content, null, CancellationToken.None).Verdict;

        Assert.Equal(VerdictKind.Incomplete, verdict.Kind);
        Assert.Contains("bytes of holes that are hashed", verdict.Detail, StringComparison.Ordinal);
        Assert.Equal(Verdict.Clean, new SignatureEngine(SignatureDatabase.Embedded).Scan(content, null, CancellationToken.None).Verdict);
    }

    private static string Hash(string algorithm, string text)
        => Convert.ToHexStringLower(CryptographicOperations.HashData(new HashAlgorithmName(algorithm), Encoding.UTF8.GetBytes(text)));

    private static Verdict Scan(SignatureDatabase database, byte[] bytes)
        => new SignatureEngine(database).Scan(new MemoryContent("x", bytes), null, CancellationToken.None).Verdict;

    private SignatureDatabase Database(string lines)
    {
        File.WriteAllText(_folder["test.hsb"], lines);
        return SignatureDatabase.Load(_folder["test.hsb"], cancellationToken: TestContext.Current.CancellationToken);
    }

    private sealed class Hole : ScanContent
    {
        public override string Location => "hole";

        public override long Length => 900L << 30;

        protected override ContentRun RunAtCore(long offset) => new(IsStored: false, Length);

        protected override void ReadCore(long offset, Span<byte> buffer) => buffer.Clear();
    }

    private sealed class Broken(long length, long brokenAt, byte[]? head = null) : ScanContent
    {
        public override string Location => "broken";

        public override long Length => length;

        protected override void ReadCore(long offset, Span<byte> buffer)
        {
            if (offset + buffer.Length > brokenAt)
            {
                throw new IOException("broken");
            }

            if (head is not null)
            {
                buffer.Fill((byte)' ');
                head.AsSpan((int)Math.Min(offset, head.Length)).CopyTo(buffer);
            }
        }
    }
}
