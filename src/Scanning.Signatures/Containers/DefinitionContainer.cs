using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A container of definitions as ClamAV's publisher makes them: <c>.cvd</c>, <c>.cld</c>, and <c>.cud</c>, which nobody signed.</summary>
/// <remarks>
/// A header of 512 bytes, then an archive of tar, most often packed with gzip. Verified are the signature and the MD5 of the header of a <c>.cvd</c>, and of every
/// signed container the signature of the list of members and the SHA-256 of each: the header's MD5 and key of 1,024 bits alone are too weak.
/// </remarks>
internal sealed class DefinitionContainer
{
    private const int MaxMembers = 10_000;
    private const long MaxUnpackedLength = 8L << 30;

    private readonly Func<Stream> _open;
    private readonly bool _isUnsigned;

    private DefinitionContainer(Func<Stream> open, ContainerHeader header, bool isUnsigned)
    {
        _open = open;
        _isUnsigned = isUnsigned;
        Header = header;
    }

    public ContainerHeader Header { get; }

    /// <summary>Gets a value indicating whether all that it holds is signed by the publisher.</summary>
    public bool IsSigned => !_isUnsigned;

    /// <summary>Tells whether a file is one, by its name.</summary>
    public static bool IsContainer(string path) => Path.GetExtension(path).ToUpperInvariant() is ".CVD" or ".CLD" or ".CUD";

    /// <summary>Opens a container and verifies all of it.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="open">Opens its bytes.</param>
    /// <exception cref="InvalidDataException">It is damaged, or a signature is wrong.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static DefinitionContainer Open(string path, Func<Stream> open)
    {
        string extension = Path.GetExtension(path).ToUpperInvariant();
        using Stream stream = open();
        byte[] head = new byte[ContainerHeader.Size];
        ContainerHeader header = ContainerHeader.Parse(head.AsSpan(0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)));
        DefinitionContainer container = new(open, header, isUnsigned: extension == ".CUD");
        if (extension == ".CVD")
        {
            byte[] md5 = HashRest(stream);
            if (!Convert.ToHexStringLower(md5).Equals(header.Md5, StringComparison.OrdinalIgnoreCase) || !PublisherKeys.VerifyHeader(header.Signature, md5))
            {
                throw new InvalidDataException("the signature in its header is not right for what it holds");
            }
        }

        if (container.IsSigned)
        {
            container.VerifyMembers();
        }

        return container;
    }

    /// <summary>Hands each member over, in order.</summary>
    /// <param name="onMember">Takes its name and its bytes.</param>
    /// <exception cref="InvalidDataException">The container is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Read(Action<string, Stream> onMember)
    {
        try
        {
            using Stream stream = _open();
            stream.ReadExactly(new byte[ContainerHeader.Size]);
            using Stream payload = new EndedArchiveStream(Unpack(stream));
            using TarReader archive = new(payload);
            long unpacked = 0;
            for (int count = 0; archive.GetNextEntry() is { } entry; count++)
            {
                unpacked += entry.Length;
                if (count == MaxMembers || unpacked > MaxUnpackedLength)
                {
                    throw new InvalidDataException($"it holds more than {MaxMembers:N0} members or {MaxUnpackedLength:N0} bytes");
                }

                onMember(entry.Name, entry.DataStream ?? Stream.Null);
            }
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException($"its archive is damaged: {e.Message}", e);
        }
    }

    private void VerifyMembers()
    {
        ContainerInfo? info = null;
        HashSet<string> seen = new(StringComparer.Ordinal);
        Read((name, bytes) =>
        {
            if (name.EndsWith(".info", StringComparison.Ordinal))
            {
                info = info is null ? ContainerInfo.Parse(ReadSmall(bytes)) : throw new InvalidDataException("it has two lists of members");
                return;
            }

            if (!seen.Add(name))
            {
                throw new InvalidDataException($"it has two members named {name}");
            }

            bool isRead = DefinitionFormats.Of(name) != DefinitionFormat.None;
            if (isRead && (info is null || !info.Members.TryGetValue(name, out (long Length, ContentHash Hash) stated) || stated.Hash != new ContentHash(SHA256.HashData(bytes))))
            {
                throw new InvalidDataException($"its member {name} is not the one that was signed");
            }
        });
        if (info is not { IsSigned: true })
        {
            throw new InvalidDataException("the signature of its list of members is missing or wrong");
        }

        if (info.Statement != Header.Statement)
        {
            throw new InvalidDataException("its header says something else than its signed list of members");
        }

        if (info.Members.Keys.FirstOrDefault(name => !seen.Contains(name)) is { } missing)
        {
            throw new InvalidDataException($"its member {missing} is missing");
        }
    }

    private static byte[] ReadSmall(Stream bytes)
    {
        byte[] buffer = new byte[ContainerInfo.MaxSize];
        int read = bytes.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return read < buffer.Length ? buffer[..read] : throw new InvalidDataException($"its list of members is longer than {ContainerInfo.MaxSize:N0} bytes");
    }

    /// <summary>Unpacks what follows the header; an updated container (<c>.cld</c>) may not be packed.</summary>
    private static Stream Unpack(Stream stream)
    {
        int first = stream.ReadByte();
        stream.Seek(ContainerHeader.Size, SeekOrigin.Begin);
        const int GzipMagic = 0x1F;
        return first == GzipMagic ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    private static byte[] HashRest(Stream stream)
    {
        using IncrementalHash md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        byte[] buffer = new byte[64 << 10];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            md5.AppendData(buffer, 0, read);
        }

        return md5.GetHashAndReset();
    }
}
