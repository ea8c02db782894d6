using System.Globalization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>AV definitions, loaded and ready to scan with. Immutable; safe for concurrent use.</summary>
/// <remarks>
/// Read are hash signatures in ClamAV's text format (<c>.hdb</c>, <c>.hsb</c>, and on demand <c>.hdu</c>, <c>.hsu</c>). Everything else that a folder of
/// definitions holds is named in the <see cref="Report"/>. The EICAR test file is known besides, whatever is loaded.
/// </remarks>
public sealed class SignatureDatabase
{
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
        string[] files = FilesAt(path);
        DefinitionLoader loader = new(options ?? new SignatureLoadOptions());
        foreach (string file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            loader.Load(file);
        }

        DefinitionReport report = new(loader.Files);
        DateTimeOffset newest = files.Select(static file => new DateTimeOffset(File.GetLastWriteTimeUtc(file))).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max();
        ContentHash digest = loader.Digest();
        return new SignatureDatabase(loader.Build(), new DefinitionSet
        {
            Engine = SignatureEngine.EngineName,
            Version = string.Create(CultureInfo.InvariantCulture, $"{newest:yyyy-MM-dd} {digest.ToString().AsSpan(0, 8)}"),
            Published = newest,
            Digest = digest,
            SignatureCount = EicarTestFile.SignatureCount + report.Loaded,
            Source = Path.GetFullPath(path),
        }, report);
    }

    /// <summary>Gets what they hold.</summary>
    internal DefinitionTables Tables { get; }

    private static string[] FilesAt(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        string[] files = Directory.GetFiles(path);
        Array.Sort(files, StringComparer.Ordinal);
        return [.. files.OrderBy(static file => DefinitionFormats.Of(file) is not (DefinitionFormat.Ignored or DefinitionFormat.IgnoredOld))];
    }
}
