using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>The files of definitions as they lay on disk at one moment. Two values are equal if no file changed between them.</summary>
/// <remarks>freshclam keeps files of its own beside the databases that change with every look for updates; only what libclamav loads counts.</remarks>
internal sealed class DatabaseFiles : IEquatable<DatabaseFiles>
{
    /// <summary>The extensions that libclamav loads. Source: ClamAV's documentation, "Creating signatures".</summary>
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".cat", ".cbc", ".cdb", ".cfg", ".cld", ".crb", ".cud", ".cvd", ".db", ".fp", ".ftm", ".gdb", ".hdb", ".hdu", ".hsb", ".hsu", ".idb", ".ign", ".ign2",
        ".imp", ".info", ".ioc", ".ldb", ".ldu", ".mdb", ".mdu", ".msb", ".msu", ".ndb", ".ndu", ".pdb", ".pwdb", ".rmd", ".sdb", ".sfp", ".sign", ".wdb", ".yar",
        ".yara", ".zmd",
    };

    private readonly (string Path, long Length, DateTime Written)[] _files;

    private DatabaseFiles((string Path, long Length, DateTime Written)[] files) => _files = files;

    /// <summary>Gets when the newest file was written; <see langword="null"/> if there is none.</summary>
    public DateTimeOffset? Newest => _files.Length == 0 ? null : new DateTimeOffset(_files.Max(static file => file.Written));

    /// <summary>Looks at a folder of definitions, or at one file.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public static DatabaseFiles Look(string path)
    {
        IEnumerable<FileInfo> files = Directory.Exists(path)
            ? new DirectoryInfo(path).EnumerateFiles().Where(static file => Extensions.Contains(file.Extension))
            : new[] { new FileInfo(path) }.Where(static file => file.Exists);
        return new DatabaseFiles([.. files
            .Select(static file => (file.FullName, file.Length, file.LastWriteTimeUtc))
            .OrderBy(static file => file.FullName, StringComparer.Ordinal)]);
    }

    /// <summary>Computes the hash over names and contents of the files.</summary>
    /// <param name="version">The library's version, which finds other threats with the same definitions.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public ContentHash Digest(string version)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Encoding.UTF8.GetBytes(version));
        foreach ((string path, _, _) in _files)
        {
            Append(hash, Encoding.UTF8.GetBytes(Path.GetFileName(path)));
            using FileStream file = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(file));
        }

        return new ContentHash(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public bool Equals(DatabaseFiles? other) => other is not null && _files.AsSpan().SequenceEqual(other._files);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DatabaseFiles);

    /// <inheritdoc/>
    public override int GetHashCode() => _files.Length == 0 ? 0 : _files[^1].GetHashCode();

    private static void Append(IncrementalHash hash, byte[] text)
    {
        // The length in front, so that no two lists are the same bytes.
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        hash.AppendData(length);
        hash.AppendData(text);
    }
}
