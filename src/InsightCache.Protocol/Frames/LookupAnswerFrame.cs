using System.Buffers.Binary;
using System.Numerics;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>What the server thinks of a client's definitions.</summary>
public enum DefinitionsStanding : byte
{
    /// <summary>They are the lane's current ones.</summary>
    Current = 0,

    /// <summary>Older ones that still have verdicts: a client is served, and its votes are not counted.</summary>
    Older = 1,

    /// <summary>The server has not learnt of them, or has forgotten them: nothing is known under them. A client reports them once and goes on scanning.</summary>
    Unknown = 2,
}

/// <summary>What one content's answer is.</summary>
public enum LookupAnswer : byte
{
    /// <summary>Nothing certain is known: scan it. If leases were asked for, others wait for this scan.</summary>
    Scan = 0,

    /// <summary>It was voted clean: skip it.</summary>
    Clean = 1,

    /// <summary>Another client is scanning it: come back later.</summary>
    Wait = 2,
}

/// <summary>Answers a lookup. Numbers are little-endian.</summary>
/// <remarks>
/// <code>
///  0  4  magic         "ICF1"
///  4  1  kind          129
///  5  1  standing      <see cref="DefinitionsStanding"/>
///  6  2  reserved      0
///  8  4  count         as asked
/// 12  4  come back     milliseconds after which the waiting ones are to be asked for again
/// 16  8  recall epoch  grows with each recall
/// 24  8  sequence      of the lane's current definitions; 0 if none are known
/// 32     clean         one bit a content, in the order asked, lowest bit first; unused bits are 0
///        wait          one bit a content, likewise; never set together with clean
/// </code>
/// </remarks>
public sealed record LookupAnswerFrame
{
    /// <summary>The size of the header in bytes.</summary>
    public const int HeaderSize = 32;

    /// <summary>Gets the number of contents.</summary>
    public required int Count { get; init; }

    /// <summary>Gets what the server thinks of the client's definitions.</summary>
    public required DefinitionsStanding Standing { get; init; }

    /// <summary>Gets after how long the waiting contents are to be asked for again.</summary>
    public required TimeSpan ComeBack { get; init; }

    /// <summary>Gets a number that grows with each recall.</summary>
    public required long RecallEpoch { get; init; }

    /// <summary>Gets the number of the lane's current definitions.</summary>
    public required long Sequence { get; init; }

    private byte[] Planes { get; init; } = [];

    private static class At
    {
        public const int Kind = 4;
        public const int Standing = 5;
        public const int Reserved = 6;
        public const int Count = 8;
        public const int ComeBack = 12;
        public const int RecallEpoch = 16;
        public const int Sequence = 24;
    }

    /// <summary>Gets the answer for a content.</summary>
    /// <param name="index">Its place in the request.</param>
    public LookupAnswer this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            int plane = PlaneLength(Count);
            int bit = 1 << (index & 7);
            return (Planes[index >> 3] & bit) != 0 ? LookupAnswer.Clean
                : (Planes[plane + (index >> 3)] & bit) != 0 ? LookupAnswer.Wait
                : LookupAnswer.Scan;
        }
    }

    /// <summary>Gets the length of an answer.</summary>
    /// <param name="count">The number of contents.</param>
    /// <returns>The bytes.</returns>
    public static int FrameLength(int count) => HeaderSize + (2 * PlaneLength(count));

    /// <summary>Gets the length of a plane of bits.</summary>
    /// <param name="count">The number of contents.</param>
    /// <returns>The bytes.</returns>
    public static int PlaneLength(int count) => (count + 7) / 8;

    /// <summary>Writes the header of an answer; the planes behind it are the caller's.</summary>
    /// <param name="frame">Where it goes.</param>
    /// <param name="count">The number of contents.</param>
    /// <param name="standing">What the server thinks of the client's definitions.</param>
    /// <param name="comeBack">After how many milliseconds to come back.</param>
    /// <param name="recallEpoch">The epoch of recalls.</param>
    /// <param name="sequence">The number of the current definitions.</param>
    public static void WriteHeader(Span<byte> frame, int count, DefinitionsStanding standing, int comeBack, long recallEpoch, long sequence)
    {
        frame[..HeaderSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(frame, FrameHeader.Magic);
        frame[At.Kind] = (byte)FrameKind.LookupAnswer;
        frame[At.Standing] = (byte)standing;
        BinaryPrimitives.WriteInt32LittleEndian(frame[At.Count..], count);
        BinaryPrimitives.WriteInt32LittleEndian(frame[At.ComeBack..], comeBack);
        BinaryPrimitives.WriteInt64LittleEndian(frame[At.RecallEpoch..], recallEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(frame[At.Sequence..], sequence);
    }

    /// <summary>Reads an answer. A client believes no answer that is anything but well-formed.</summary>
    /// <param name="frame">The whole answer, and nothing behind it.</param>
    /// <param name="asked">The number of contents that were asked for.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="FrameException">The bytes are no answer to what was asked.</exception>
    public static LookupAnswerFrame Parse(ReadOnlySpan<byte> frame, int asked)
    {
        AnswerRules rules = new("LookupAnswerFrame", frame, HeaderSize, FrameKind.LookupAnswer);
        rules.Require(frame[At.Standing] <= (byte)DefinitionsStanding.Unknown, "standing", At.Standing, $"{frame[At.Standing]} is none");
        rules.RequireZero("reserved", At.Reserved, sizeof(ushort));
        int count = BinaryPrimitives.ReadInt32LittleEndian(frame[At.Count..]);
        rules.Require(count == asked, "count", At.Count, $"{count} answers to {asked} contents");
        rules.Require(frame.Length == FrameLength(asked), "count", At.Count, $"a frame of {FrameLength(asked)} bytes is stated, and {frame.Length} are there");
        int comeBack = BinaryPrimitives.ReadInt32LittleEndian(frame[At.ComeBack..]);
        rules.Require(comeBack >= 0, "come back", At.ComeBack, $"{comeBack} is not from 0 on");
        long epoch = BinaryPrimitives.ReadInt64LittleEndian(frame[At.RecallEpoch..]);
        rules.Require(epoch >= 0, "recall epoch", At.RecallEpoch, $"{epoch} is not from 0 on");
        long sequence = BinaryPrimitives.ReadInt64LittleEndian(frame[At.Sequence..]);
        rules.Require(sequence >= 0, "sequence", At.Sequence, $"{sequence} is not from 0 on");
        ReadOnlySpan<byte> planes = frame[HeaderSize..];
        RequirePlanes(rules, planes, count, (DefinitionsStanding)frame[At.Standing]);
        return new LookupAnswerFrame
        {
            Count = count,
            Standing = (DefinitionsStanding)frame[At.Standing],
            ComeBack = TimeSpan.FromMilliseconds(comeBack),
            RecallEpoch = epoch,
            Sequence = sequence,
            Planes = planes.ToArray(),
        };
    }

    private static void RequirePlanes(AnswerRules rules, ReadOnlySpan<byte> planes, int count, DefinitionsStanding standing)
    {
        int length = PlaneLength(count);
        int unused = (length * 8) - count;
        for (int i = 0; i < length; i++)
        {
            rules.Require((planes[i] & planes[length + i]) == 0, "wait", HeaderSize + length + i, "a content is both clean and waited for");
            rules.Require(standing != DefinitionsStanding.Unknown || planes[i] == 0, "clean", HeaderSize + i, "a content is clean under definitions that are not known");
        }

        rules.Require(BitOperations.LeadingZeroCount((uint)(planes[length - 1] | planes[^1]) << 24) >= unused, "clean", HeaderSize + length - 1, "an unused bit is set");
    }
}
