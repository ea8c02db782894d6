using System.Security.Cryptography;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A content in the middle of its scan: what it is, and what it is in.</summary>
/// <param name="content">The content.</param>
/// <param name="container">What it is in; <see langword="null"/> for a file.</param>
internal sealed class ScannedContent(ScanContent content, ScannedContent? container)
{
    private static readonly HashAlgorithmKind[] Algorithms = [HashAlgorithmKind.Md5, HashAlgorithmKind.Sha1, HashAlgorithmKind.Sha256];

    private bool? _isAllowed;

    public ScanContent Content => content;

    public ScannedContent? Container => container;

    /// <summary>Gets the types of what it is in, the outermost first.</summary>
    public IReadOnlyList<FileType> ContainerTypes { get; } = container is null ? [] : [.. container.ContainerTypes, container.Type];

    /// <summary>Gets the type; known after <see cref="Identify"/>.</summary>
    public FileType Type { get; private set; } = FileTypes.Identify([], 0);

    /// <summary>Gets the layout, if it is a program whose headers make sense.</summary>
    public ExecutableLayout? Layout { get; private set; }

    /// <summary>Reads what tells the type.</summary>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public void Identify()
    {
        Span<byte> head = stackalloc byte[FileTypes.HeadSize];
        head = head[..content.Read(0, head)];
        Type = FileTypes.Identify(head, content.Length);
        Layout = Executables.Parse(content, Type);
    }

    /// <summary>Tells whether the content, or what it is in, is known to be no threat.</summary>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public bool IsAllowed(HashTables allowed, CancellationToken cancellationToken)
    {
        _isAllowed ??= FindAllowed(allowed, cancellationToken);
        return _isAllowed.Value || container?.IsAllowed(allowed, cancellationToken) == true;
    }

    private bool FindAllowed(HashTables allowed, CancellationToken cancellationToken)
    {
        HashAlgorithmKind[] wanted = Array.FindAll(Algorithms, algorithm => allowed.CanMatch(algorithm, content.Length));
        if (wanted.Length == 0)
        {
            return false;
        }

        using ContentDigests digests = new(wanted);
        try
        {
            ContentPass.Run(content, (_, bytes) => digests.Append(bytes), HoleHandling.HandOnZeros, cancellationToken);
            return digests.Find(allowed, content.Length) is not null;
        }
        catch (ScanLimitException)
        {
            // It has more holes than are hashed: nobody can say that it is allowed, and a threat in it is one.
            return false;
        }
    }
}

/// <summary>Computes several hashes of one content.</summary>
/// <param name="algorithms">Which.</param>
internal sealed class ContentDigests(HashAlgorithmKind[] algorithms) : IDisposable
{
    private readonly IncrementalHash[] _hashes = Array.ConvertAll(algorithms, static algorithm => IncrementalHash.CreateHash(NameOf(algorithm)));

    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (IncrementalHash hash in _hashes)
        {
            hash.AppendData(bytes);
        }
    }

    /// <summary>Looks all of them up, and begins anew.</summary>
    public string? Find(HashTables tables, long size)
    {
        Span<byte> digest = stackalloc byte[ContentHash.Size];
        string? found = null;
        for (int i = 0; i < _hashes.Length; i++)
        {
            int length = _hashes[i].GetHashAndReset(digest);
            found ??= tables.Find(algorithms[i], digest[..length], size);
        }

        return found;
    }

    public void Dispose() => Array.ForEach(_hashes, static hash => hash.Dispose());

    private static HashAlgorithmName NameOf(HashAlgorithmKind algorithm) => algorithm switch
    {
        HashAlgorithmKind.Md5 => HashAlgorithmName.MD5,
        HashAlgorithmKind.Sha1 => HashAlgorithmName.SHA1,
        _ => HashAlgorithmName.SHA256,
    };
}
