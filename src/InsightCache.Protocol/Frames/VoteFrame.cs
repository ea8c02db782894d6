using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>What a client tells of a content.</summary>
public enum VoteVerdict : byte
{
    /// <summary>A complete scan of the whole content found nothing.</summary>
    Clean = 1,

    /// <summary>Something was found in it.</summary>
    Infected = 2,

    /// <summary>The client gives its lease back: the scan was not complete, failed, or did not take place.</summary>
    Released = 3,
}

/// <summary>One content's vote.</summary>
/// <param name="Hash">The content.</param>
/// <param name="Verdict">What became of it.</param>
public readonly record struct Vote(ContentHash Hash, VoteVerdict Verdict);

/// <summary>Tells verdicts; drawn at <see cref="FrameHeader"/>.</summary>
public static class VoteFrame
{
    /// <summary>Writes a request.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="definitions">The definitions of the scan.</param>
    /// <param name="votes">The votes, 1 to 4096.</param>
    /// <returns>The frame.</returns>
    /// <exception cref="ArgumentException">There are no votes or too many.</exception>
    public static byte[] Write(LaneId lane, DefinitionsStamp definitions, ReadOnlySpan<Vote> votes)
    {
        if (votes.Length is 0 or > Routes.MaxBatch)
        {
            throw new ArgumentException($"{votes.Length} votes are not from 1 to {Routes.MaxBatch}.", nameof(votes));
        }

        FrameHeader header = new(FrameKind.Vote, WantsLeases: false, votes.Length, lane, definitions);
        byte[] frame = new byte[header.FrameLength];
        header.Write(frame);
        int verdicts = FrameHeader.Size + (votes.Length * ContentHash.Size);
        for (int i = 0; i < votes.Length; i++)
        {
            votes[i].Hash.CopyTo(frame.AsSpan(FrameHeader.Size + (i * ContentHash.Size)));
            frame[verdicts + i] = (byte)votes[i].Verdict;
        }

        return frame;
    }

    /// <summary>Reads a request.</summary>
    /// <param name="frame">The whole request, and nothing behind it.</param>
    /// <param name="hashes">The contents' hashes, 32 bytes each.</param>
    /// <param name="verdicts">The verdicts, one byte each, all of them known ones.</param>
    /// <returns>The header.</returns>
    /// <exception cref="FrameException">The bytes are no votes.</exception>
    public static FrameHeader Parse(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> hashes, out ReadOnlySpan<byte> verdicts)
    {
        FrameHeader header = FrameHeader.Parse(frame, FrameKind.Vote);
        FrameLength.Require("VoteFrame", header.FrameLength, frame.Length);
        hashes = frame.Slice(FrameHeader.Size, header.Count * ContentHash.Size);
        verdicts = frame[(FrameHeader.Size + hashes.Length)..];
        int unknown = verdicts.IndexOfAnyExceptInRange((byte)VoteVerdict.Clean, (byte)VoteVerdict.Released);
        if (unknown >= 0)
        {
            throw new FrameException("VoteFrame", "verdict", FrameHeader.Size + hashes.Length + unknown, $"{verdicts[unknown]} is no verdict");
        }

        return header;
    }
}
