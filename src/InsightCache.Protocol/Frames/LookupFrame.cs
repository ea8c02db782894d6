using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>Asks about contents; drawn at <see cref="FrameHeader"/>.</summary>
public static class LookupFrame
{
    /// <summary>Writes a request.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="definitions">The client's definitions.</param>
    /// <param name="hashes">The contents, 1 to 4096.</param>
    /// <param name="wantsLeases">Whether the client scans what nobody knows or scans.</param>
    /// <returns>The frame.</returns>
    /// <exception cref="ArgumentException">There are no contents or too many.</exception>
    public static byte[] Write(LaneId lane, DefinitionsStamp definitions, ReadOnlySpan<ContentHash> hashes, bool wantsLeases)
    {
        if (hashes.Length is 0 or > Routes.MaxBatch)
        {
            throw new ArgumentException($"{hashes.Length} contents are not from 1 to {Routes.MaxBatch}.", nameof(hashes));
        }

        byte[] frame = new byte[FrameLength(hashes.Length)];
        Write(frame, lane, definitions, hashes, wantsLeases);
        return frame;
    }

    /// <summary>Gets the length of a request.</summary>
    /// <param name="count">The number of contents, 1 to 4096.</param>
    /// <returns>The bytes.</returns>
    public static int FrameLength(int count) => new FrameHeader(FrameKind.Lookup, WantsLeases: false, count, default, default).FrameLength;

    /// <summary>Writes a request into memory that is there already.</summary>
    /// <param name="frame">Where it goes; at least as long as <see cref="FrameLength(int)"/> says.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="definitions">The client's definitions.</param>
    /// <param name="hashes">The contents, 1 to 4096.</param>
    /// <param name="wantsLeases">Whether the client scans what nobody knows or scans.</param>
    public static void Write(Span<byte> frame, LaneId lane, DefinitionsStamp definitions, ReadOnlySpan<ContentHash> hashes, bool wantsLeases)
    {
        new FrameHeader(FrameKind.Lookup, wantsLeases, hashes.Length, lane, definitions).Write(frame);
        for (int i = 0; i < hashes.Length; i++)
        {
            hashes[i].CopyTo(frame[(FrameHeader.Size + (i * ContentHash.Size))..]);
        }
    }

    /// <summary>Reads a request.</summary>
    /// <param name="frame">The whole request, and nothing behind it.</param>
    /// <param name="hashes">The contents' hashes, 32 bytes each.</param>
    /// <returns>The header.</returns>
    /// <exception cref="FrameException">The bytes are no lookup.</exception>
    public static FrameHeader Parse(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> hashes)
    {
        FrameHeader header = FrameHeader.Parse(frame, FrameKind.Lookup);
        Protocol.FrameLength.Require("LookupFrame", header.FrameLength, frame.Length);
        hashes = frame[FrameHeader.Size..];
        return header;
    }
}
