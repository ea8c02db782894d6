using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads files of definitions, one after the other, and keeps account of every line.</summary>
internal sealed class DefinitionLoader(HashTableBuilder[] builders, SignatureLoadOptions options)
{
    /// <summary>A file that is no database at all has as many malformed lines as it has lines; the rest is counted.</summary>
    private const int MaxMalformedLines = 100;

    private const string OtherLevel = "for other versions of the engine";
    private const string PotentiallyUnwanted = "potentially unwanted programs, which were not asked for";

    private readonly List<DefinitionFileReport> _files = [];
    private readonly List<(string Name, ContentHash Hash)> _hashes = [];

    public IReadOnlyList<DefinitionFileReport> Files => _files;

    /// <summary>Reads a file, if it is one of definitions.</summary>
    public void Load(string path)
    {
        if (DefinitionFormats.WhyUnread(path) is { } why)
        {
            _files.Add(new DefinitionFileReport { Path = path, Loaded = 0, Unread = why });
        }
        else if (DefinitionFormats.IsHashDatabase(path))
        {
            bool isUsed = options.IncludePotentiallyUnwanted || !DefinitionFormats.IsPotentiallyUnwanted(path);
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _files.Add(Read(path, new HashingStream(stream, hash), isUsed));
            _hashes.Add((Path.GetFileName(path), new ContentHash(hash.GetHashAndReset())));
        }
    }

    /// <summary>Computes the digest of all that finds something: the EICAR test file, and the names and the hashes of the files, in their order.</summary>
    public ContentHash Digest()
    {
        using IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[ContentHash.Size];
        EicarTestFile.Digest.CopyTo(number);
        digest.AppendData(number);
        foreach ((string name, ContentHash hash) in _hashes)
        {
            byte[] text = Encoding.UTF8.GetBytes(name);
            BinaryPrimitives.WriteInt32LittleEndian(number, text.Length);
            digest.AppendData(number[..sizeof(int)]);
            digest.AppendData(text);
            hash.CopyTo(number);
            digest.AppendData(number);
        }

        digest.AppendData([options.IncludePotentiallyUnwanted ? (byte)1 : (byte)0]);
        return new ContentHash(digest.GetHashAndReset());
    }

    private DefinitionFileReport Read(string path, Stream stream, bool isUsed)
    {
        long loaded = 0;
        long malformed = 0;
        Dictionary<string, long> leftOut = [];
        List<MalformedLine> malformedLines = [];
        LineReader lines = new(stream);
        while (lines.TryRead(out ReadOnlySpan<byte> line, out bool isTooLong))
        {
            (string field, string detail) = ("line", $"it is longer than {LineReader.MaxLineLength} bytes");
            HashSignature signature = default;
            switch (isTooLong ? HashLineKind.Malformed : HashSignature.Parse(line, out signature, out field, out detail))
            {
                case HashLineKind.Signature when isUsed:
                    builders[(int)signature.Algorithm].Add(signature);
                    loaded++;
                    break;
                case HashLineKind.Signature:
                    leftOut[PotentiallyUnwanted] = leftOut.GetValueOrDefault(PotentiallyUnwanted) + 1;
                    break;
                case HashLineKind.OtherLevel:
                    leftOut[OtherLevel] = leftOut.GetValueOrDefault(OtherLevel) + 1;
                    break;
                case HashLineKind.Malformed:
                    malformed++;
                    if (malformedLines.Count < MaxMalformedLines)
                    {
                        malformedLines.Add(new MalformedLine(path, lines.Number, field, detail));
                    }

                    break;
                default:
                    break;
            }
        }

        return new DefinitionFileReport { Path = path, Loaded = loaded, LeftOut = leftOut, Malformed = malformed, MalformedLines = malformedLines };
    }
}
