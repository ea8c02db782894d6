using SharpCompress.Compressors.LZMA;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Looks up in the headers of a 7z archive what an unpacker would allocate.</summary>
/// <remarks>Source: Igor Pavlov, "7z Format description" (7zFormat.txt). The headers may be packed themselves.</remarks>
internal static class SevenZipHeaders
{
    private const int SignatureHeaderSize = 32;

    /// <summary>The headers of an archive of 100,000 files have about 5 MiB.</summary>
    private const int MaxHeaderSize = 32 << 20;

    private const int MaxNesting = 4;

    private static class Id
    {
        public const int Header = 1;
        public const int MainStreams = 4;
        public const int EncodedHeader = 0x17;
        public const int End = 0;
        public const int PackInfo = 6;
        public const int UnpackInfo = 7;
        public const int Folder = 11;
        public const int CodersUnpackSize = 12;
        public const int Size = 9;
        public const int ArchiveProperties = 2;
        public const int AdditionalStreams = 3;
        public const int Files = 5;
        public const int SubStreams = 8;
        public const int Digests = 10;
        public const int SubStreamCount = 13;
    }

    /// <exception cref="ArchiveFormatException">The headers make no sense.</exception>
    /// <exception cref="ArchiveLimitException">They state more than the limits allow.</exception>
    public static void Check(MemberWalk walk, long start)
    {
        byte[] signature = new byte[SignatureHeaderSize];
        walk.Read(start, signature, "7zSignatureHeader");
        HeaderBytes fields = new(signature);
        ulong offset = fields.U64(12);
        ulong size = fields.U64(20);
        if (size == 0)
        {
            return;
        }

        if (size > MaxHeaderSize || offset > (ulong)walk.Container.Length)
        {
            throw new ArchiveFormatException($"7zSignatureHeader.NextHeader at 0x{start + 12:X}: {size} bytes at {offset}");
        }

        byte[] header = new byte[size];
        walk.Read(start + SignatureHeaderSize + (long)offset, header, "7zHeader");
        for (int nesting = 0; ; nesting++)
        {
            SevenZipNumbers numbers = new(header);
            int id = (int)Math.Min(numbers.Next(), byte.MaxValue);
            if (id is not Id.EncodedHeader || nesting == MaxNesting)
            {
                CheckHeader(walk.Limits, numbers, id);
                return;
            }

            SevenZipFolder packed = ReadStreams(walk.Limits, numbers) ?? throw new ArchiveFormatException("7zEncodedHeader has no folder");
            header = Unpack(walk, start, packed);
        }
    }

    private static void CheckHeader(ArchiveLimits limits, SevenZipNumbers numbers, int id)
    {
        if (id != Id.Header)
        {
            throw new ArchiveFormatException($"7zHeader.Id: {id}");
        }

        long next = numbers.Next();
        if (next is Id.ArchiveProperties or Id.AdditionalStreams)
        {
            throw new ArchiveLimitException("7zHeader has properties that nobody writes");
        }

        if (next == Id.MainStreams)
        {
            ReadStreams(limits, numbers);
            next = numbers.Next();
        }

        if (next == Id.Files)
        {
            numbers.Count("7zFilesInfo.Files");
        }
    }

    /// <summary>Reads where packed streams lie and how they are packed.</summary>
    /// <returns>The first folder; <see langword="null"/> if there is none.</returns>
    private static SevenZipFolder? ReadStreams(ArchiveLimits limits, SevenZipNumbers numbers)
    {
        long packedAt = 0;
        long packedSize = 0;
        SevenZipFolder? first = null;
        List<bool> folders = [];
        while (numbers.Next() is var id && id != Id.End)
        {
            switch (id)
            {
                case Id.PackInfo:
                    packedAt = numbers.Next();
                    long streams = numbers.Count("7zPackInfo.Streams");
                    for (long inner; (inner = numbers.Next()) != Id.End;)
                    {
                        if (inner != Id.Size)
                        {
                            numbers.SkipDigests(streams);
                            continue;
                        }

                        for (long i = 0; i < streams; i++)
                        {
                            long size = numbers.Next();
                            packedSize = i == 0 ? size : packedSize;
                        }
                    }

                    break;
                case Id.UnpackInfo:
                    first = ReadFolders(limits, numbers, out folders);
                    break;
                case Id.SubStreams:
                    ReadSubStreams(numbers, folders);
                    break;
                default:
                    throw new ArchiveFormatException($"7zStreams.Id: {id}");
            }
        }

        return first is null ? null : first with { PackedAt = packedAt, PackedSize = packedSize };
    }

    /// <summary>Reads how folders are divided into members.</summary>
    private static void ReadSubStreams(SevenZipNumbers numbers, List<bool> folders)
    {
        long[] counts = [.. folders.Select(static _ => 1L)];
        for (long id; (id = numbers.Next()) != Id.End;)
        {
            switch (id)
            {
                case Id.SubStreamCount:
                    for (int i = 0; i < counts.Length; i++)
                    {
                        counts[i] = numbers.Count("7zSubStreams.Count");
                    }

                    break;
                case Id.Size:
                    foreach (long count in counts)
                    {
                        for (long i = 1; i < count; i++)
                        {
                            numbers.Next();
                        }
                    }

                    break;
                case Id.Digests:
                    // The checksum of a folder with one member is that of the member, and not written again.
                    numbers.SkipDigests(counts.Zip(folders).Sum(static pair => pair.First == 1 && pair.Second ? 0 : pair.First));
                    break;
                default:
                    throw new ArchiveFormatException($"7zSubStreams.Id: {id}");
            }
        }
    }

    /// <param name="limits">The limits for dictionaries.</param>
    /// <param name="numbers">The header.</param>
    /// <param name="hasDigest">Whether each folder has a checksum.</param>
    /// <returns>The first folder; <see langword="null"/> if there is none.</returns>
    private static SevenZipFolder? ReadFolders(ArchiveLimits limits, SevenZipNumbers numbers, out List<bool> hasDigest)
    {
        numbers.Expect(Id.Folder, "7zUnpackInfo.Folder");
        long count = numbers.Count("7zUnpackInfo.Folders");
        numbers.Expect(0, "7zUnpackInfo.External");
        SevenZipFolder? first = null;
        List<int> outputs = [];
        for (long i = 0; i < count; i++)
        {
            SevenZipFolder folder = SevenZipFolder.Read(numbers, limits);
            outputs.Add(folder.Outputs);
            first ??= folder;
        }

        numbers.Expect(Id.CodersUnpackSize, "7zUnpackInfo.CodersUnpackSize");
        for (int i = 0; i < outputs.Count; i++)
        {
            for (int output = 0; output < outputs[i]; output++)
            {
                long size = numbers.Next();
                first = i == 0 ? first! with { UnpackedSize = size } : first;
            }
        }

        hasDigest = [.. outputs.Select(static _ => false)];
        for (long id; (id = numbers.Next()) != Id.End;)
        {
            hasDigest = id == Id.Digests ? numbers.SkipDigests(count) : throw new ArchiveFormatException($"7zUnpackInfo.Id: {id}");
        }

        return first;
    }

    private static byte[] Unpack(MemberWalk walk, long start, SevenZipFolder folder)
    {
        if (folder.UnpackedSize > MaxHeaderSize || folder.PackedSize > walk.Container.Length || folder.PackedAt > walk.Container.Length)
        {
            throw new ArchiveFormatException($"7zEncodedHeader: {folder.PackedSize} bytes at {folder.PackedAt}, {folder.UnpackedSize} unpacked");
        }

        byte[] header = new byte[folder.UnpackedSize];
        ContentStream packed = walk.Stream(start + SignatureHeaderSize + folder.PackedAt, folder.PackedSize);
        try
        {
            using Stream stream = folder.IsCopy
                ? packed
                : LzmaStream.Create(folder.LzmaProperties ?? throw new NotSupportedException("headers packed by another method than LZMA"), packed, folder.PackedSize, folder.UnpackedSize);
            stream.ReadExactly(header);
            return header;
        }
        catch (Exception e) when (UnpackerFaults.Include(e))
        {
            throw new ArchiveFormatException($"7zEncodedHeader: {e.Message}");
        }
    }
}
