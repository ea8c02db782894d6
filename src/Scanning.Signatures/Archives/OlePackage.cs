namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A file that was put into a document by Windows' object packager.</summary>
internal static class OlePackage
{
    private const int MaxText = 4096;

    /// <summary>Skips what is in front of the file.</summary>
    /// <param name="stream">The package, from its type on.</param>
    /// <exception cref="InvalidDataException">It is no embedded file.</exception>
    public static Stream Open(Stream stream)
    {
        Number(stream, 2);
        SkipText(stream);
        SkipText(stream);
        Number(stream, 4);
        for (long left = Number(stream, 4); left > 0; left--)
        {
            if (left > MaxText || stream.ReadByte() < 0)
            {
                throw new InvalidDataException("OlePackage.TemporaryPath makes no sense");
            }
        }

        return new SliceStream(stream, Number(stream, 4));
    }

    /// <summary>Reads a little-endian number.</summary>
    public static long Number(Stream stream, int size)
    {
        Span<byte> bytes = stackalloc byte[4];
        bytes.Clear();
        stream.ReadExactly(bytes[..size]);
        return new HeaderBytes(bytes).U32(0);
    }

    private static void SkipText(Stream stream)
    {
        for (int i = 0; stream.ReadByte() is not 0 and { } next; i++)
        {
            if (next < 0 || i == MaxText)
            {
                throw new InvalidDataException("OlePackage.Name has no end");
            }
        }
    }
}
