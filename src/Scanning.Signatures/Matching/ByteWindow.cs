namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A stretch of a content, with a zone in which matches are looked for and enough bytes around it to compare them.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="origin">The offset of the first of them in the content.</param>
/// <param name="zoneStart">Where in them the zone begins.</param>
/// <param name="zoneEnd">Where it ends.</param>
/// <param name="isAtEnd">Whether the content ends where they do.</param>
internal readonly ref struct ByteWindow(ReadOnlySpan<byte> bytes, long origin, int zoneStart, int zoneEnd, bool isAtEnd)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public long Origin => origin;

    public int ZoneStart => zoneStart;

    public int ZoneEnd => zoneEnd;

    public bool IsAtBeginning => origin == 0;

    public bool IsAtEnd => isAtEnd;
}
