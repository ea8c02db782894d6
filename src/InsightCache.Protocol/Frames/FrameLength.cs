namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>The rule that a frame is as long as its header says: neither cut nor with something behind it.</summary>
internal static class FrameLength
{
    public static void Require(string structure, int stated, int actual)
    {
        if (stated != actual)
        {
            throw new FrameException(structure, "count", 8, $"a frame of {stated} bytes is stated, and {actual} are there");
        }
    }
}
