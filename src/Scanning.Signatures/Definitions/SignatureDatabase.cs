using System.Globalization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>AV definitions, loaded and ready to scan with. Immutable; safe for concurrent use.</summary>
/// <remarks>
/// Read are ClamAV's formats: hashes (<c>.hdb</c>, <c>.hsb</c>, <c>.mdb</c>, <c>.msb</c>, <c>.imp</c>), bodies (<c>.ndb</c>, <c>.db</c>), logical signatures
/// (<c>.ldb</c>), what is allowed (<c>.fp</c>, <c>.sfp</c>) and ignored (<c>.ign</c>, <c>.ign2</c>), and the signed containers of all these (<c>.cvd</c>, <c>.cld</c>).
/// Everything else that a folder of definitions holds is named in the <see cref="Report"/>. The EICAR test file is known besides, whatever is loaded.
/// </remarks>
public sealed class SignatureDatabase
{
    /// <summary>freshclam replaces files one after the other, within seconds.</summary>
    private const int MaxAttempts = 3;

    private SignatureDatabase(DefinitionTables tables, DefinitionSet definitions, DefinitionReport report)
    {
        Tables = tables;
        Definitions = definitions;
        Report = report;
    }

    /// <summary>Gets the definitions that need no file: the EICAR test file, by which users see that a scanner works.</summary>
    public static SignatureDatabase Embedded { get; } = new(
        new DefinitionTablesBuilder().Build(),
        new DefinitionSet
        {
            Engine = SignatureEngine.EngineName,
            Version = "embedded",
            Digest = EicarTestFile.Digest,
            SignatureCount = EicarTestFile.SignatureCount,
            Source = "the program itself (EICAR test file only)",
        },
        new DefinitionReport([]));

    /// <summary>Gets what these definitions are.</summary>
    public DefinitionSet Definitions { get; }

    /// <summary>Gets what became of each file.</summary>
    public DefinitionReport Report { get; }

    /// <summary>Gets what they hold.</summary>
    internal DefinitionTables Tables { get; }

    /// <summary>Loads definitions.</summary>
    /// <param name="path">A folder, or one file.</param>
    /// <param name="options">What is loaded; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    /// <returns>The definitions; with nothing but the EICAR test file if nothing that can be read is there, which the report tells.</returns>
    /// <exception cref="DirectoryNotFoundException">There is neither a folder nor a file of that name.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The host forbids it.</exception>
    public static SignatureDatabase Load(string path, SignatureLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Load(DefinitionFolder.FilesAt(path), Path.GetFullPath(path), options ?? new SignatureLoadOptions(), cancellationToken);
    }

    /// <summary>Loads definitions from wherever their bytes are.</summary>
    /// <param name="files">The files, in the order in which they are read.</param>
    /// <param name="options">What is loaded; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    /// <returns>The definitions.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static SignatureDatabase Load(IEnumerable<DefinitionFile> files, SignatureLoadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Load([.. files.Where(static file => file.IsDefinitions)], "memory", options ?? new SignatureLoadOptions(), cancellationToken);
    }

    private static SignatureDatabase Load(IReadOnlyList<DefinitionFile> files, string source, SignatureLoadOptions options, CancellationToken cancellationToken)
    {
        DefinitionCache? cache = DefinitionCache.In(options.CacheFolder);
        ContentHash digest = DigestOf(files, options, cancellationToken);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (cache?.TryRead(digest, source) is { } kept)
            {
                return new SignatureDatabase(kept.Tables, kept.Definitions, kept.Report);
            }

            DefinitionLoader loader = new(options);
            loader.Load(files, cancellationToken);
            ContentHash behind = DigestOf(files, options, cancellationToken);
            if (behind == digest)
            {
                DefinitionReport report = new(loader.Files);
                SignatureDatabase database = new(loader.Build(), Describe(files, loader, report, digest, source), report);
                cache?.Write(digest, new CachedDefinitions(database.Tables, database.Definitions, report));
                return database;
            }

            // Somebody wrote to the files meanwhile: what was read is neither of the two, and no verdict may be remembered under either.
            digest = behind;
        }

        throw new IOException($"The definitions of {source} change while they are read.");
    }

    private static ContentHash DigestOf(IReadOnlyList<DefinitionFile> files, SignatureLoadOptions options, CancellationToken cancellationToken) =>
        DefinitionDigest.Of(
            files.Where(static file => DefinitionFormats.WhyUnread(file.Name) is null).Select(file =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return (Path.GetFileName(file.Name), file.Hash());
            }),
            options);

    private static DefinitionSet Describe(
        IReadOnlyList<DefinitionFile> files, DefinitionLoader loader, DefinitionReport report, ContentHash digest, string source)
    {
        DateTimeOffset newest = files.Select(static file => file.Written).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max();
        string short8 = digest.ToString()[..8];
        string version = string.Create(CultureInfo.InvariantCulture, $"{newest:yyyy-MM-dd} {short8}");
        long sequence = 0;
        if (loader.Containers.Count > 0)
        {
            // ClamAV's daily container is the one that moves; its number is the one by which people know the whole.
            newest = loader.Containers.Max(static container => container.Header.Published);
            sequence = loader.Containers.FirstOrDefault(static container => container.Name == "daily", loader.Containers.MaxBy(static container => container.Header.Version)).Header.Version;
            version = string.Join(", ", loader.Containers.Select(static container => string.Create(CultureInfo.InvariantCulture, $"{container.Name} {container.Header.Version}")));
        }

        return new DefinitionSet
        {
            Engine = SignatureEngine.EngineName,
            Version = version,
            Sequence = sequence,
            Published = newest,
            Digest = digest,
            SignatureCount = EicarTestFile.SignatureCount + report.Loaded,
            Source = source,
        };
    }
}
