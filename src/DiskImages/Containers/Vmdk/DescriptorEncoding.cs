using System.Text;

namespace Symantec.Virtualization.DiskImages.Containers.Vmdk;

/// <summary>The encoding of a descriptor's text, which holds file names in the language of whoever made the disk.</summary>
internal static class DescriptorEncoding
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Finds the encoding: the one that the text names, else UTF-8 if the bytes are, else Latin-1, which reads anything.</summary>
    public static Encoding Detect(ReadOnlySpan<byte> descriptor)
    {
        foreach (Range line in descriptor.Split((byte)'\n'))
        {
            string text = Encoding.Latin1.GetString(descriptor[line]).Trim();
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && text.AsSpan(0, equals).TrimEnd().Equals("encoding", StringComparison.OrdinalIgnoreCase))
            {
                return Find(text[(equals + 1)..].Trim().Trim('"')) ?? Guess(descriptor);
            }
        }

        return Guess(descriptor);
    }

    private static Encoding? Find(string name)
    {
        if (name.Equals("UTF-8", StringComparison.OrdinalIgnoreCase))
        {
            return Encoding.UTF8;
        }

        // "windows-1252", "GBK", "Big5" and "Shift_JIS" are seen. UTF-16 and UTF-7 cannot be: the text was found by its ASCII.
        Encoding? encoding = CodePagesEncodingProvider.Instance.GetEncoding(name);
        return encoding is { IsSingleByte: true } or { CodePage: 932 or 936 or 949 or 950 or 54936 } ? encoding : null;
    }

    private static Encoding Guess(ReadOnlySpan<byte> descriptor)
    {
        try
        {
            _ = StrictUtf8.GetCharCount(descriptor);
            return StrictUtf8;
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1;
        }
    }
}
