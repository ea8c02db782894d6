using FsCheck.Xunit;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

public sealed class FrameTests
{
    private static readonly LaneId Lane = LaneId.Of("clamav", "0123456789abcdef");
    private static readonly DefinitionsStamp Definitions = DefinitionsStamp.Of(27500, ContentHash.Compute("definitions"u8));

    public static TheoryData<string, int, string, string> BrokenLookups => new()
    {
        { "another protocol", 0, "47455420", "magic" },
        { "votes where a lookup belongs", 4, "02", "kind" },
        { "a flag of a later version", 5, "02", "flags" },
        { "something in the reserved bytes", 6, "01", "reserved" },
        { "nothing asked", 8, "00000000", "count" },
        { "more than a batch", 8, "01100000", "count" },
        { "more contents stated than there are", 8, "04000000", "count" },
        { "fewer contents stated than there are", 8, "02000000", "count" },
        { "a count that overflows when multiplied", 8, "00000008", "count" },
        { "a negative sequence", 24, "FFFFFFFFFFFFFFFF", "sequence" },
    };

    public static TheoryData<string, int, string, string> BrokenAnswers => new()
    {
        { "another kind", 4, "82", "kind" },
        { "a standing that nobody knows", 5, "03", "standing" },
        { "an answer to another number of contents", 8, "02000000", "count" },
        { "a time to come back that has passed", 12, "FFFFFFFF", "come back" },
        { "a negative epoch", 16, "FFFFFFFFFFFFFFFF", "recall epoch" },
        { "a content that is clean and waited for", 33, "01", "wait" },
        { "an answer for a content that nobody asked for", 32, "08", "clean" },
        { "clean under definitions that the server does not know", 5, "02", "clean" },
    };

    [Property]
    public void A_lookup_reads_as_it_was_written(uint seed, byte size, bool leases, ulong lane, long sequence)
    {
        ContentHash[] hashes = Hashes(seed, size + 1);
        DefinitionsStamp stamp = Definitions with { Sequence = sequence & long.MaxValue };

        FrameHeader header = LookupFrame.Parse(LookupFrame.Write(new LaneId(lane), stamp, hashes, leases), out ReadOnlySpan<byte> read);

        Assert.Equal(new FrameHeader(FrameKind.Lookup, leases, hashes.Length, new LaneId(lane), stamp), header);
        Assert.Equal(hashes, Split(read));
    }

    [Property]
    public void Votes_read_as_they_were_written(uint seed, byte size)
    {
        Vote[] votes = [.. Hashes(seed, size + 1).Select((hash, i) => new Vote(hash, (VoteVerdict)(1 + (i % 3))))];

        FrameHeader header = VoteFrame.Parse(VoteFrame.Write(Lane, Definitions, votes), out ReadOnlySpan<byte> hashes, out ReadOnlySpan<byte> verdicts);

        Assert.Equal(votes.Length, header.Count);
        Assert.Equal(votes.Select(static vote => vote.Hash), Split(hashes));
        Assert.Equal(votes.Select(static vote => (byte)vote.Verdict), verdicts.ToArray());
    }

    [Property]
    public void An_answer_reads_as_it_was_written(byte[] kinds, uint comeBack, long epoch, long sequence)
    {
        LookupAnswer[] answers = [LookupAnswer.Clean, .. kinds.Select(static kind => (LookupAnswer)(kind % 3))];
        int milliseconds = (int)(comeBack & int.MaxValue);

        LookupAnswerFrame answer = LookupAnswerFrame.Parse(Answer(answers, milliseconds, epoch & long.MaxValue, sequence & long.MaxValue), answers.Length);

        Assert.Equal(answers, Enumerable.Range(0, answers.Length).Select(i => answer[i]));
        Assert.Equal(
            (DefinitionsStanding.Current, TimeSpan.FromMilliseconds(milliseconds), epoch & long.MaxValue, sequence & long.MaxValue),
            (answer.Standing, answer.ComeBack, answer.RecallEpoch, answer.Sequence));
    }

    [Property]
    public void An_answer_to_votes_reads_as_it_was_written(ushort a, ushort b, ushort c, ushort d, ushort e, ushort f, long epoch)
    {
        VoteAnswerFrame answer = new(DefinitionsStanding.Older, a, b, c, d, e, f, epoch & long.MaxValue);
        byte[] frame = new byte[VoteAnswerFrame.Size];
        answer.Write(frame);

        Assert.Equal(answer, VoteAnswerFrame.Parse(frame, a + b + c + d + e + f));
        Assert.Equal("counts", Assert.Throws<FrameException>(() => VoteAnswerFrame.Parse(frame, a + b + c + d + e + f + 1)).Field);
    }

    [Theory]
    [MemberData(nameof(BrokenLookups))]
    public void A_broken_lookup_names_its_field(string because, int at, string hex, string field)
    {
        byte[] frame = LookupFrame.Write(Lane, Definitions, Hashes(1, 3), wantsLeases: false);
        Convert.FromHexString(hex).CopyTo(frame, at);

        Assert.True(Assert.Throws<FrameException>(() => LookupFrame.Parse(frame, out _)).Field == field, because);
    }

    [Theory]
    [MemberData(nameof(BrokenAnswers))]
    public void A_broken_answer_names_its_field(string because, int at, string hex, string field)
    {
        byte[] frame = Answer([LookupAnswer.Clean, LookupAnswer.Scan, LookupAnswer.Wait], 1000, 1, 1);
        Convert.FromHexString(hex).CopyTo(frame, at);

        Assert.True(Assert.Throws<FrameException>(() => LookupAnswerFrame.Parse(frame, 3)).Field == field, because);
    }

    [Property]
    public void Any_cut_or_longer_frame_is_refused(uint seed, byte size, ushort length)
    {
        byte[] lookup = LookupFrame.Write(Lane, Definitions, Hashes(seed, size + 1), wantsLeases: true);
        byte[] votes = VoteFrame.Write(Lane, Definitions, [.. Hashes(seed, size + 1).Select(static hash => new Vote(hash, VoteVerdict.Clean))]);
        byte[] answer = Answer(new LookupAnswer[size + 1], 0, 0, 0);

        Assert.Throws<FrameException>(() => LookupFrame.Parse(OfAnotherLength(lookup, length), out _));
        Assert.Throws<FrameException>(() => VoteFrame.Parse(OfAnotherLength(votes, length), out _, out _));
        Assert.Throws<FrameException>(() => LookupAnswerFrame.Parse(OfAnotherLength(answer, length), size + 1));
    }

    [Property]
    public void Any_changed_byte_reads_otherwise_or_is_refused(uint seed, ushort at, byte change)
    {
        byte[] frame = VoteFrame.Write(Lane, Definitions, [.. Hashes(seed, 5).Select(static hash => new Vote(hash, VoteVerdict.Clean))]);
        byte[] changed = [.. frame];
        changed[at % frame.Length] ^= (byte)(change | 1);
        try
        {
            FrameHeader header = VoteFrame.Parse(changed, out ReadOnlySpan<byte> hashes, out ReadOnlySpan<byte> verdicts);
            byte[] written = new byte[FrameHeader.Size];
            header.Write(written);
            byte[] whole = [.. written, .. hashes, .. verdicts];
            Assert.Equal(changed, whole);
        }
        catch (FrameException e)
        {
            Assert.InRange(e.Offset, 0, frame.Length - 1);
        }
    }

    [Fact]
    public void A_lane_is_one_engine_with_one_profile()
    {
        Assert.NotEqual(LaneId.Of("clamav", "a"), LaneId.Of("clamava", ""));
        Assert.NotEqual(LaneId.Of("clamav", ""), LaneId.Of("Clamav", ""));
        Assert.Throws<ArgumentException>(() => LaneId.Of(new string('x', 129), ""));
    }

    [Fact]
    public void A_frame_stands_as_it_is_drawn()
    {
        byte[] frame = LookupFrame.Write(new LaneId(0x0807060504030201), new DefinitionsStamp(9, UInt128.One), [ContentHash.Compute([])], wantsLeases: true);

        Assert.Equal(
            "49434631" + "01" + "01" + "0000" + "01000000" + "00000000" + "0102030405060708" + "0900000000000000" + "00000000000000000000000000000001"
            + "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
            Convert.ToHexString(frame));
    }

    private static byte[] Answer(LookupAnswer[] answers, int comeBack, long epoch, long sequence)
    {
        byte[] frame = new byte[LookupAnswerFrame.FrameLength(answers.Length)];
        LookupAnswerFrame.WriteHeader(frame, answers.Length, DefinitionsStanding.Current, comeBack, epoch, sequence);
        for (int i = 0; i < answers.Length; i++)
        {
            if (answers[i] != LookupAnswer.Scan)
            {
                int plane = answers[i] == LookupAnswer.Clean ? 0 : LookupAnswerFrame.PlaneLength(answers.Length);
                frame[LookupAnswerFrame.HeaderSize + plane + (i >> 3)] |= (byte)(1 << (i & 7));
            }
        }

        return frame;
    }

    private static byte[] OfAnotherLength(byte[] frame, int length)
    {
        length %= frame.Length * 2;
        byte[] other = new byte[length == frame.Length ? length + 1 : length];
        frame.AsSpan(0, Math.Min(frame.Length, other.Length)).CopyTo(other);
        return other;
    }

    private static ContentHash[] Hashes(uint seed, int count) => [.. Enumerable.Range(0, count).Select(i => ContentHash.Compute(BitConverter.GetBytes(((ulong)seed << 32) | (uint)i)))];

    private static List<ContentHash> Split(ReadOnlySpan<byte> hashes)
    {
        List<ContentHash> split = [];
        for (; hashes.Length > 0; hashes = hashes[ContentHash.Size..])
        {
            split.Add(new ContentHash(hashes[..ContentHash.Size]));
        }

        return split;
    }
}
