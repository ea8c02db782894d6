namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What became of the definitions that were loaded: nothing is dropped without a word.</summary>
/// <param name="Files">The files, in the order of their names.</param>
public sealed record DefinitionReport(IReadOnlyList<DefinitionFileReport> Files)
{
    /// <summary>Gets the number of signatures in use.</summary>
    public long Loaded => Files.Sum(static file => file.Loaded);

    /// <summary>Gets the number of signatures that are left out, by reason.</summary>
    public IReadOnlyDictionary<string, long> LeftOut => Files
        .SelectMany(static file => file.LeftOut)
        .GroupBy(static pair => pair.Key, StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => group.Sum(static pair => pair.Value), StringComparer.Ordinal);

    /// <summary>Gets the files of which nothing is used because their format is not read.</summary>
    public IEnumerable<DefinitionFileReport> Unread => Files.Where(static file => file.Unread is not null);
}

/// <summary>What became of one file of definitions.</summary>
public sealed record DefinitionFileReport
{
    /// <summary>Gets the file's path.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the number of its signatures that are in use.</summary>
    public required long Loaded { get; init; }

    /// <summary>Gets why nothing of the file is used; <see langword="null"/> if it was read.</summary>
    public string? Unread { get; init; }

    /// <summary>Gets the number of signatures that are well formed and not used, by reason.</summary>
    public IReadOnlyDictionary<string, long> LeftOut { get; init; } = new Dictionary<string, long>();

    /// <summary>Gets the number of lines that are no signatures.</summary>
    public long Malformed { get; init; }

    /// <summary>Gets the first of them, with what is wrong.</summary>
    public IReadOnlyList<MalformedLine> MalformedLines { get; init; } = [];
}

/// <summary>A line that is no signature; it costs itself and no other.</summary>
/// <param name="Path">The file.</param>
/// <param name="Line">The line's number, from 1.</param>
/// <param name="Field">The field that is wrong: <c>hash</c>, <c>size</c>, <c>name</c>.</param>
/// <param name="Detail">What is wrong with it.</param>
public sealed record MalformedLine(string Path, long Line, string Field, string Detail)
{
    /// <summary>Says it in one sentence.</summary>
    /// <returns><c>local.hdb:3: size: "-1" is neither "*" nor a number from 1 to 4294967294</c>.</returns>
    public override string ToString() => $"{Path}:{Line}: {Field}: {Detail}";
}
