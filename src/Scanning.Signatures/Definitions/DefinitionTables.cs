namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>All that definitions hold, compiled. Immutable.</summary>
internal sealed record DefinitionTables
{
    /// <summary>Gets the hashes of files.</summary>
    public required HashTables Files { get; init; }

    /// <summary>Gets the hashes of files that are no threats, whatever matches them or something inside of them.</summary>
    public required HashTables Allowed { get; init; }

    /// <summary>Gets the hashes of sections of Windows programs.</summary>
    public required HashTables Sections { get; init; }

    /// <summary>Gets the hashes of what Windows programs import.</summary>
    public required HashTables Imports { get; init; }

    /// <summary>Gets the body and logical signatures.</summary>
    public required SignatureImage Image { get; init; }
}

/// <summary>Collects what definitions hold.</summary>
internal sealed class DefinitionTablesBuilder
{
    public HashTablesBuilder Files { get; } = new();

    public HashTablesBuilder Allowed { get; } = new();

    public HashTablesBuilder Sections { get; } = new();

    public HashTablesBuilder Imports { get; } = new();

    public SignatureImageBuilder Image { get; } = new();

    public IgnoreList Ignored { get; } = new();

    public DefinitionTables Build() => new()
    {
        Files = Files.Build(),
        Allowed = Allowed.Build(),
        Sections = Sections.Build(),
        Imports = Imports.Build(),
        Image = Image.Build(),
    };
}
