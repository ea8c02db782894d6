namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>How often bytes stand beside each other in programs and texts.</summary>
/// <remarks>
/// The table counts 22 MB of Windows programs and libraries, Linux ones, and texts in about equal shares: for each pair of bytes, the first in the higher bits,
/// eight times the number of bits by which it is rarer than a certainty. <c>byte-pairs.py</c> makes it anew. A wrong estimate costs time and no finding.
/// </remarks>
internal static class ByteFrequencies
{
    private static readonly float[] Pairs = ReadPairs();
    private static readonly float[] Single = SumUp(Pairs);

    /// <summary>Estimates how often two bytes stand beside each other.</summary>
    /// <param name="bytes">The bytes, the first in the lowest bits.</param>
    public static float OfTwo(uint bytes) => Pair(bytes);

    /// <summary>Estimates how often four bytes stand beside each other.</summary>
    /// <param name="bytes">The bytes, the first in the lowest bits.</param>
    public static float OfFour(uint bytes) =>
        Pair(bytes) * Pair(bytes >> 8) * Pair(bytes >> 16) / (Single[(bytes >> 8) & 0xFF] * Single[(bytes >> 16) & 0xFF]);

    private static float Pair(uint bytes) => Pairs[((bytes & 0xFF) << 8) | ((bytes >> 8) & 0xFF)];

    private static float[] ReadPairs()
    {
        using Stream table = typeof(ByteFrequencies).Assembly.GetManifestResourceStream("byte-pairs.bin")
            ?? throw new InvalidOperationException("The table of byte pairs is not in the assembly.");
        byte[] bits = new byte[65536];
        table.ReadExactly(bits);
        return Array.ConvertAll(bits, static count => MathF.Pow(2, -count / 8f));
    }

    private static float[] SumUp(float[] pairs)
    {
        float[] sums = new float[256];
        for (int i = 0; i < pairs.Length; i++)
        {
            sums[i >> 8] += pairs[i];
        }

        return sums;
    }
}
