using System.Buffers.Binary;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>What became of the votes of a request. Numbers are little-endian.</summary>
/// <remarks>
/// <code>
///  0  4  magic         "ICF1"
///  4  1  kind          130
///  5  1  standing      <see cref="DefinitionsStanding"/>
///  6  2  reserved      0
///  8  4  accepted      contents that are now clean, or were already
/// 12  4  pending       counted, and others are still needed
/// 16  4  duplicate     this client had voted already
/// 20  4  stale         with definitions that are not the current ones
/// 24  4  rejected      not allowed to this client, recalled content, or too many reports
/// 28  4  taken         infected reports and leases given back
/// 32  8  recall epoch
/// </code>
/// </remarks>
/// <param name="Standing">What the server thinks of the client's definitions.</param>
/// <param name="Accepted">Contents that are clean now, or were already.</param>
/// <param name="Pending">Votes that were counted, and others are still needed.</param>
/// <param name="Duplicate">Votes that this client had given before.</param>
/// <param name="Stale">Votes with definitions that are not the current ones.</param>
/// <param name="Rejected">Votes that the client may not give, that are about recalled contents, or too many reports.</param>
/// <param name="Taken">Infected reports that were taken, and leases given back.</param>
/// <param name="RecallEpoch">A number that grows with each recall.</param>
public readonly record struct VoteAnswerFrame(
    DefinitionsStanding Standing, int Accepted, int Pending, int Duplicate, int Stale, int Rejected, int Taken, long RecallEpoch)
{
    /// <summary>The size of an answer in bytes.</summary>
    public const int Size = 40;

    private static class At
    {
        public const int Kind = 4;
        public const int Standing = 5;
        public const int Reserved = 6;
        public const int Counts = 8;
        public const int RecallEpoch = 32;
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="frame">The whole answer, and nothing behind it.</param>
    /// <param name="told">The number of votes that were sent.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="FrameException">The bytes are no answer to what was told.</exception>
    public static VoteAnswerFrame Parse(ReadOnlySpan<byte> frame, int told)
    {
        AnswerRules rules = new("VoteAnswerFrame", frame, Size, FrameKind.VoteAnswer);
        rules.Require(frame.Length == Size, "magic", 0, $"{frame.Length} bytes are not {Size}");
        rules.Require(frame[At.Standing] <= (byte)DefinitionsStanding.Unknown, "standing", At.Standing, $"{frame[At.Standing]} is none");
        rules.RequireZero("reserved", At.Reserved, sizeof(ushort));
        Span<int> counts = stackalloc int[6];
        long sum = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            int offset = At.Counts + (i * sizeof(int));
            counts[i] = BinaryPrimitives.ReadInt32LittleEndian(frame[offset..]);
            rules.Require(counts[i] >= 0, "counts", offset, $"{counts[i]} is not from 0 on");
            sum += counts[i];
        }

        rules.Require(sum == told, "counts", At.Counts, $"{sum} outcomes of {told} votes");
        long epoch = BinaryPrimitives.ReadInt64LittleEndian(frame[At.RecallEpoch..]);
        rules.Require(epoch >= 0, "recall epoch", At.RecallEpoch, $"{epoch} is not from 0 on");
        return new VoteAnswerFrame((DefinitionsStanding)frame[At.Standing], counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], epoch);
    }

    /// <summary>Writes the answer.</summary>
    /// <param name="frame">Where it goes, at least 40 bytes.</param>
    public void Write(Span<byte> frame)
    {
        frame[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(frame, FrameHeader.Magic);
        frame[At.Kind] = (byte)FrameKind.VoteAnswer;
        frame[At.Standing] = (byte)Standing;
        ReadOnlySpan<int> counts = [Accepted, Pending, Duplicate, Stale, Rejected, Taken];
        for (int i = 0; i < counts.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(frame[(At.Counts + (i * sizeof(int)))..], counts[i]);
        }

        BinaryPrimitives.WriteInt64LittleEndian(frame[At.RecallEpoch..], RecallEpoch);
    }
}
