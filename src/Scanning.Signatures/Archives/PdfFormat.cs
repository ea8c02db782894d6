using System.IO.Compression;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Streams of PDF documents: as they are, or packed with deflate.</summary>
/// <remarks>
/// Source: ISO 32000-1, 7.3.8. Streams are found by the words around them, since the tables that say where they are cannot be trusted. Encrypted documents
/// and other filters are handed in as they are stored.
/// </remarks>
internal static class PdfFormat
{
    private const int WindowSize = 64 << 10;

    /// <summary>The dictionary of a stream stands in front of it, and names how it is packed.</summary>
    private const int MaxDictionary = 1024;

    public static void Open(MemberWalk walk)
    {
        byte[] window = new byte[WindowSize];
        for (long at = 0; Find(walk, at, "stream"u8, window) is { } word;)
        {
            long data = word + "stream".Length;
            at = data;
            byte[] before = new byte[(int)Math.Min(word, MaxDictionary)];
            walk.Read(word - before.Length, before, "PdfDictionary");
            ReadOnlySpan<byte> dictionary = before;
            if (dictionary.EndsWith("end"u8))
            {
                continue;
            }

            dictionary = dictionary[Math.Max(0, dictionary.LastIndexOf(" obj"u8))..];
            long end = Find(walk, data, "endstream"u8, window) ?? walk.Container.Length;
            byte[] lineEnd = new byte[2];
            int skipped = walk.Container.Read(data, lineEnd) == 2 && lineEnd[0] == '\r' && lineEnd[1] == '\n' ? 2 : 1;
            data = Math.Min(data + skipped, end);
            if (IsPicture(dictionary))
            {
                at = end;
                continue;
            }

            bool isPacked = dictionary.IndexOf("/FlateDecode"u8) >= 0 || dictionary.IndexOf("/Fl "u8) >= 0;
            MemberInfo member = walk.Info("stream") with { PackedLength = end - data };
            bool more = isPacked
                ? walk.Deliver(member, () => new ZLibStream(walk.Stream(data, end - data), CompressionMode.Decompress))
                : walk.DeliverWindow(member, data, end - data);
            if (!more)
            {
                return;
            }

            at = end;
        }
    }

    /// <summary>Nothing can be in a picture that is not seen in the document as it is, and documents have many.</summary>
    private static bool IsPicture(ReadOnlySpan<byte> dictionary)
        => dictionary.IndexOf("/DCTDecode"u8) >= 0 || dictionary.IndexOf("/JPXDecode"u8) >= 0
            || dictionary.IndexOf("/CCITTFaxDecode"u8) >= 0 || dictionary.IndexOf("/JBIG2Decode"u8) >= 0;

    private static long? Find(MemberWalk walk, long at, ReadOnlySpan<byte> word, byte[] window)
    {
        while (at + word.Length <= walk.Container.Length)
        {
            int count = (int)Math.Min(window.Length, walk.Container.Length - at);
            walk.Read(at, window.AsSpan(0, count), "PdfText");
            int found = window.AsSpan(0, count).IndexOf(word);
            if (found >= 0)
            {
                return at + found;
            }

            at += Math.Max(1, count - word.Length + 1);
        }

        return null;
    }
}
