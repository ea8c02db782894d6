using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads files of definitions, one after the other, and keeps account of every line.</summary>
internal sealed class DefinitionLoader(SignatureLoadOptions options)
{
    /// <summary>A file that is no database at all has as many malformed lines as it has lines; the rest is counted.</summary>
    private const int MaxMalformedLines = 100;

    private const string OtherLevel = "for other versions of the engine";
    private const string PotentiallyUnwanted = "potentially unwanted programs, which were not asked for";

    private readonly DefinitionTablesBuilder _tables = new();
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
        else if (DefinitionFormats.Of(path) != DefinitionFormat.None)
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _files.Add(Read(path, new HashingStream(stream, hash)));
            _hashes.Add((Path.GetFileName(path), new ContentHash(hash.GetHashAndReset())));
        }
    }

    /// <summary>Compiles what was read.</summary>
    public DefinitionTables Build() => _tables.Build();

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

    private DefinitionFileReport Read(string path, Stream stream)
    {
        DefinitionFormat format = DefinitionFormats.Of(path);
        bool isUsed = options.IncludePotentiallyUnwanted || !DefinitionFormats.IsPotentiallyUnwanted(path);
        DefinitionLineReader reader = new(_tables);
        long loaded = 0;
        long malformed = 0;
        Dictionary<string, long> leftOut = [];
        List<MalformedLine> malformedLines = [];
        int maxLength = format == DefinitionFormat.Logical ? LineReader.MaxLogicalLineLength : LineReader.MaxLineLength;
        LineReader lines = new(stream, maxLength);
        while (lines.TryRead(out ReadOnlySpan<byte> line, out bool isTooLong))
        {
            if (!isTooLong && (line.IsEmpty || line[0] == '#'))
            {
                continue;
            }

            try
            {
                if (isTooLong)
                {
                    throw new SignatureSyntaxException("line", $"it is longer than {maxLength} bytes");
                }

                if (!isUsed)
                {
                    LeaveOut(PotentiallyUnwanted);
                }
                else if (reader.Read(format, line) == DefinitionLineKind.OtherLevel)
                {
                    LeaveOut(OtherLevel);
                }
                else
                {
                    loaded++;
                }
            }
            catch (UnsupportedSignatureException e)
            {
                LeaveOut(e.Message);
            }
            catch (SignatureSyntaxException e)
            {
                malformed++;
                if (malformedLines.Count < MaxMalformedLines)
                {
                    malformedLines.Add(new MalformedLine(path, lines.Number, e.Field, e.Message));
                }
            }
        }

        // What is not to be used, and what is no threat, is no signature to scan with.
        bool isSignatures = format is not (DefinitionFormat.Ignored or DefinitionFormat.IgnoredOld or DefinitionFormat.Allowed);
        return new DefinitionFileReport
        {
            Path = path,
            Loaded = isSignatures ? loaded : 0,
            LeftOut = leftOut,
            Malformed = malformed,
            MalformedLines = malformedLines,
        };

        void LeaveOut(string reason) => leftOut[reason] = leftOut.GetValueOrDefault(reason) + 1;
    }
}
