
namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads files of definitions, one after the other, and keeps account of every line.</summary>
internal sealed class DefinitionLoader(SignatureLoadOptions options)
{
    /// <summary>A file that is no database at all has as many malformed lines as it has lines; the rest is counted.</summary>
    private const int MaxMalformedLines = 100;

    private const string OtherLevel = "for other versions of the engine";
    private const string PotentiallyUnwanted = "potentially unwanted programs, which were not asked for";
    private const string NotSigned = "it is not signed, and only signed definitions are to be used";

    private readonly DefinitionTablesBuilder _tables = new();
    private readonly List<DefinitionFileReport> _files = [];
    private readonly List<(string Name, ContainerHeader Header)> _containers = [];

    /// <summary>Gets what became of each file so far, by name.</summary>
    public IReadOnlyList<DefinitionFileReport> Files => [.. _files.OrderBy(static file => file.Path, StringComparer.Ordinal)];

    /// <summary>Gets the containers that were used.</summary>
    public IReadOnlyList<(string Name, ContainerHeader Header)> Containers => _containers;

    /// <summary>Reads files; the lists of what is not to be used first, wherever they are.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The loading was ended.</exception>
    public void Load(IReadOnlyList<DefinitionFile> files, CancellationToken cancellationToken)
    {
        List<(DefinitionFile File, DefinitionContainer? Container)> usable = [];
        foreach (DefinitionFile file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryOpen(file, out DefinitionContainer? container))
            {
                usable.Add((file, container));
            }
        }

        foreach (bool isIgnoreList in (ReadOnlySpan<bool>)[true, false])
        {
            foreach ((DefinitionFile file, DefinitionContainer? container) in usable)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ReadFile(file, container, isIgnoreList);
            }
        }
    }

    /// <summary>Compiles what was read.</summary>
    public DefinitionTables Build() => _tables.Build();

    private bool TryOpen(DefinitionFile file, out DefinitionContainer? container)
    {
        container = null;
        string? why = DefinitionFormats.WhyUnread(file.Name);
        if (why is null && DefinitionContainer.IsContainer(file.Name))
        {
            try
            {
                container = DefinitionContainer.Open(file.Name, file.Open);
            }
            catch (InvalidDataException e)
            {
                why = e.Message;
            }
        }

        if (why is null && options.UnsignedDefinitions == UnsignedDefinitions.Refuse && container is not { IsSigned: true })
        {
            why = NotSigned;
        }

        if (why is not null)
        {
            _files.Add(new DefinitionFileReport { Path = file.Name, Loaded = 0, Unread = why });
        }
        else if (container is not null)
        {
            _containers.Add((Path.GetFileNameWithoutExtension(file.Name), container.Header));
        }

        return why is null;
    }

    private void ReadFile(DefinitionFile file, DefinitionContainer? container, bool isIgnoreList)
    {
        if (container is not null)
        {
            container.Read((member, bytes) => ReadMember($"{file.Name}!/{member}", bytes, isIgnoreList));
        }
        else if (IsIgnoreList(file.Name) == isIgnoreList)
        {
            using Stream stream = file.Open();
            _files.Add(Read(file.Name, stream));
        }
    }

    private void ReadMember(string path, Stream bytes, bool isIgnoreList)
    {
        if (DefinitionFormats.WhyUnread(path) is { } why)
        {
            if (!isIgnoreList)
            {
                _files.Add(new DefinitionFileReport { Path = path, Loaded = 0, Unread = why });
            }
        }
        else if (DefinitionFormats.Of(path) != DefinitionFormat.None && IsIgnoreList(path) == isIgnoreList)
        {
            _files.Add(Read(path, bytes));
        }
    }

    private static bool IsIgnoreList(string path) => DefinitionFormats.Of(path) is DefinitionFormat.Ignored or DefinitionFormat.IgnoredOld;

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
            catch (Exception e) when (e is SignatureSyntaxException or OverflowException)
            {
                malformed++;
                if (malformedLines.Count < MaxMalformedLines)
                {
                    malformedLines.Add(new MalformedLine(path, lines.Number, (e as SignatureSyntaxException)?.Field ?? "line", e.Message));
                }
            }
        }

        // What is not to be used, and what is no threat, is no signature to scan with.
        bool isSignatures = !IsIgnoreList(path) && format != DefinitionFormat.Allowed;
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
