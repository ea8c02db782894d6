namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>How some of an archive's streams are packed.</summary>
internal sealed record SevenZipFolder
{
    private const int MaxCoders = 32;
    private const int MaxProperties = 1 << 16;
    private const int LzmaPropertiesSize = 5;

    private static class Method
    {
        public const ulong Copy = 0;
        public const ulong Lzma2 = 0x21;
        public const ulong Lzma = 0x03_01_01;
        public const ulong Ppmd = 0x03_04_01;
    }

    public required int Outputs { get; init; }

    public required bool IsCopy { get; init; }

    public byte[]? LzmaProperties { get; init; }

    public long PackedAt { get; init; }

    public long PackedSize { get; init; }

    public long UnpackedSize { get; init; }

    /// <exception cref="ArchiveFormatException">The folder makes no sense.</exception>
    /// <exception cref="ArchiveLimitException">An unpacker would allocate more than the limits allow.</exception>
    public static SevenZipFolder Read(SevenZipNumbers numbers, ArchiveLimits limits)
    {
        long coders = numbers.Next();
        if (coders is <= 0 or > MaxCoders)
        {
            throw new ArchiveFormatException($"7zFolder.Coders: {coders}");
        }

        long inputs = 0;
        long outputs = 0;
        bool copy = false;
        byte[]? lzma = null;
        for (long i = 0; i < coders; i++)
        {
            byte flags = numbers.Byte();
            ulong method = 0;
            foreach (byte part in numbers.Bytes(flags & 0xF))
            {
                method = (method << 8) | part;
            }

            bool isComplex = (flags & 0x10) != 0;
            inputs += isComplex ? numbers.Next() : 1;
            outputs += isComplex ? numbers.Next() : 1;
            if (inputs > MaxCoders || outputs > MaxCoders)
            {
                throw new ArchiveFormatException($"7zCoder.Streams: {inputs} and {outputs}");
            }

            ReadOnlySpan<byte> properties = (flags & 0x20) != 0 ? numbers.Bytes((int)Math.Min(numbers.Next(), MaxProperties)) : [];
            Check(method, properties, limits);
            copy |= method == Method.Copy;
            lzma = method == Method.Lzma && properties.Length == LzmaPropertiesSize ? properties.ToArray() : lzma;
        }

        // Which output goes into which input, and which inputs are packed streams.
        for (long i = 0; i < outputs - 1; i++)
        {
            numbers.Next();
            numbers.Next();
        }

        long packed = inputs - (outputs - 1);
        for (long i = 0; packed > 1 && i < packed; i++)
        {
            numbers.Next();
        }

        return new SevenZipFolder { Outputs = (int)outputs, IsCopy = copy, LzmaProperties = lzma };
    }

    private static void Check(ulong method, ReadOnlySpan<byte> properties, ArchiveLimits limits)
    {
        long size = method switch
        {
            Method.Lzma or Method.Ppmd when properties.Length >= LzmaPropertiesSize => new HeaderBytes(properties).U32(1),
            Method.Lzma2 when properties.Length == 1 => properties[0] >= 40 ? uint.MaxValue : (2L | (uint)(properties[0] & 1)) << ((properties[0] / 2) + 11),
            _ => 0,
        };
        if (size > limits.MaxDictionary)
        {
            throw new ArchiveLimitException($"needs a dictionary of {size:N0} bytes, {limits.MaxDictionary:N0} are allowed");
        }
    }
}
