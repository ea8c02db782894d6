using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures.Tests.Normalisation;

/// <summary>What a filter makes of bytes.</summary>
internal static class NormalisedText
{
    public static string OfText(string text) => Encoding.Latin1.GetString(Run(Encoding.Latin1.GetBytes(text), int.MaxValue, static output => new TextFilter(output)));

    public static string OfPage(string page, HtmlPart part) => Encoding.Latin1.GetString(Run(Encoding.Latin1.GetBytes(page), int.MaxValue, part));

    public static byte[] Run(byte[] bytes, int piece, HtmlPart part) => Run(bytes, piece, output => new HtmlFilter(new HtmlOutput(output, part)));

    public static byte[] Run(byte[] bytes, int piece, Func<NormalisedOutput, IByteFilter> newFilter)
    {
        using MemoryStream written = new();
        NormalisedOutput output = new((_, one) => written.Write(one));
        IByteFilter filter = newFilter(output);
        foreach (byte[] chunk in bytes.Chunk(piece))
        {
            filter.Append(chunk);
        }

        filter.Complete();
        output.Complete();
        return written.ToArray();
    }
}
