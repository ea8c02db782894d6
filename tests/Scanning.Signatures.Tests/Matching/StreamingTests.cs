using FsCheck.Xunit;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Matching;

/// <summary>Contents that are longer than what is kept of them in memory.</summary>
public class StreamingTests
{
    private const long MiB = 1 << 20;

    private static readonly string Signatures = """
        Whole;Target:0;0;6265676e6e656e64
        Gap;Target:0;0;6265676e6e{-100}656e64
        Far;Target:0;0;6265676e6e*656e64
        Twice;Target:0;0>1;6265676e6e
        Both;Target:0;0&1;6265676e6e;6f74686572
        End;Target:0;0;EOF-8:6265676e6e656e64
        Zeros;Target:0;0&1;6265676e6e;6f7468657200000000
        Regex;Target:0;0&1;6265676e6e;0/other/

        """;

    [Theory]
    [InlineData(0)]
    [InlineData((256 << 10) - 4)]
    [InlineData((512 << 10) - 7)]
    [InlineData((4 << 20) - 5)]
    [InlineData((4 << 20) + 300)]
    [InlineData((8 << 20) - 3)]
    public void A_body_is_found_across_the_border_of_a_window(int offset)
    {
        SparseContent content = new(9 * MiB);
        content.Fill(0, 9 * MiB);
        content.Put(offset, "begnnend");

        Assert.Equal(["Whole", "Gap", "Far"], Find(content));
    }

    [Fact]
    public void A_body_at_the_end_of_three_gibibytes_of_holes_is_found()
    {
        SparseContent content = new(3L << 30);
        content.Put((3L << 30) - 8, "begnnend");

        Assert.Equal(["Whole", "Gap", "Far", "End"], Find(content));
    }

    [Fact]
    public void Parts_on_either_side_of_a_hole_keep_their_distance()
    {
        SparseContent content = new(1L << 32);
        content.Put(5, "begnn");
        content.Put((1L << 32) - 10, "end");

        Assert.Equal(["Far"], Find(content));
    }

    [Fact]
    public void What_stands_far_apart_counts_together()
    {
        SparseContent content = new(20 * MiB);
        content.Fill(0, 20 * MiB);
        content.Put(1000, "begnn");
        content.Put(12 * MiB, "begnn");
        content.Put(19 * MiB, "other");

        Assert.Equal(["Twice", "Both", "Regex"], Find(content));
    }

    [Fact]
    public void The_zeros_of_a_hole_count_as_bytes()
    {
        SparseContent content = new(64 * MiB);
        content.Put(10, "begnn");
        content.Put((32 * MiB) - 5, "other");

        Assert.Equal(["Both", "Zeros", "Regex"], Find(content, skipRegex: true));
    }

    [Fact]
    public void More_holes_than_are_hashed_hide_no_threat()
    {
        SparseContent content = new(1L << 40);
        content.Put(1L << 39, "begnnend");
        SignatureDatabase database = SignatureDatabase.Load(
            [
                DefinitionFile.FromMemory("a.hsb", "900150983cd24fb0d6963f7d28e17f72:*:AnySize:73\n"u8.ToArray()),
                DefinitionFile.FromMemory("a.fp", "900150983cd24fb0d6963f7d28e17f72:*:Allowed:73\n"u8.ToArray()),
                DefinitionFile.FromMemory("a.ndb", "Whole:0:*:6265676e6e656e64\n"u8.ToArray()),
            ],
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Infected("Whole"), new SignatureEngine(database).Scan(content, null, TestContext.Current.CancellationToken).Verdict);
    }

    [Fact]
    public void A_signature_that_zeros_can_match_leaves_the_others_decided()
    {
        SparseContent content = new(1L << 40);
        content.Put(0, "\u0001\u0002begnnend..other");
        content.Put(1L << 39, "x");
        SignatureDatabase database = SignatureDatabase.Load(
            [DefinitionFile.FromMemory("a.ndb", "Whole:0:*:6265676e6e656e64\nAndZeros:0:*:6f74686572{-4}0000000000\n"u8.ToArray())],
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Verdict.Infected("Whole"), new SignatureEngine(database).Scan(content, null, TestContext.Current.CancellationToken).Verdict);
    }

    [Theory]
    [InlineData("6000000")]
    [InlineData("EOF-6000000")]
    [InlineData("6000000,100")]
    public void Zeros_at_an_offset_are_found_inside_of_a_long_run_of_them(string offset)
    {
        SparseContent content = new(12 * MiB);
        content.Put(0, "\u0001");
        content.Put((12 * MiB) - 1, "\u0002");
        SignatureDatabase database = SignatureDatabase.Load(
            [DefinitionFile.FromMemory("a.ndb", System.Text.Encoding.ASCII.GetBytes($"Zeros:0:{offset}:0000000000000000\n"))],
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(["Zeros"], new SignatureEngine(database).FindAll(content, TestContext.Current.CancellationToken));
    }

    [Property(MaxTest = 30)]
    public void It_does_not_matter_where_a_body_stands(uint offset)
    {
        long at = offset % (6 * MiB);
        SparseContent content = new(6 * MiB);
        content.Fill(0, 6 * MiB);
        content.Put(Math.Min(at, (6 * MiB) - 8), "begnnend");

        Assert.Contains("Whole", Find(content));
    }

    private static IEnumerable<string> Find(SparseContent content, bool skipRegex = false)
    {
        string lines = skipRegex ? Signatures.Replace("0/other/", "6f74686572", StringComparison.Ordinal) : Signatures;
        SignatureDatabase database = SignatureDatabase.Load(
            [DefinitionFile.FromMemory("local.ldb", System.Text.Encoding.ASCII.GetBytes(lines))], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(8, database.Report.Loaded);
        return new SignatureEngine(database).FindAll(content, TestContext.Current.CancellationToken);
    }

    /// <summary>A content of any length of which little is stored.</summary>
    private sealed class SparseContent(long length) : ScanContent
    {
        private const long BlockSize = 64 << 10;

        private readonly SortedDictionary<long, byte[]> _blocks = [];

        public override string Location => "sparse";

        public override long Length => length;

        public void Put(long offset, string text)
        {
            for (int i = 0; i < text.Length; i++)
            {
                Block(offset + i)[(offset + i) % BlockSize] = (byte)text[i];
            }
        }

        /// <summary>Stores bytes that match nothing.</summary>
        public void Fill(long offset, long count)
        {
            Random random = new(1);
            for (long at = offset; at < offset + count; at += BlockSize)
            {
                byte[] block = Block(at);
                for (int i = 0; i < block.Length; i++)
                {
                    // No text: what normalisation leaves of one would be looked at as well.
                    block[i] = (byte)random.Next(9);
                }
            }
        }

        protected override void ReadCore(long offset, Span<byte> buffer)
        {
            for (int done = 0; done < buffer.Length;)
            {
                long at = offset + done;
                int count = (int)Math.Min(BlockSize - (at % BlockSize), buffer.Length - done);
                Span<byte> piece = buffer.Slice(done, count);
                if (_blocks.TryGetValue(at / BlockSize, out byte[]? block))
                {
                    block.AsSpan((int)(at % BlockSize), count).CopyTo(piece);
                }
                else
                {
                    piece.Clear();
                }

                done += count;
            }
        }

        protected override ContentRun RunAtCore(long offset)
        {
            long block = offset / BlockSize;
            bool isStored = _blocks.ContainsKey(block);
            long next = isStored ? block + 1 : _blocks.Keys.FirstOrDefault(key => key > block, (length + BlockSize) / BlockSize);
            return new ContentRun(isStored, (next * BlockSize) - offset);
        }

        private byte[] Block(long offset)
        {
            if (!_blocks.TryGetValue(offset / BlockSize, out byte[]? block))
            {
                _blocks[offset / BlockSize] = block = new byte[BlockSize];
            }

            return block;
        }
    }
}
