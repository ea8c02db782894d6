using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>What sealing came to.</summary>
public sealed record SealOutcome
{
    /// <summary>Gets what names the seal.</summary>
    public required Guid SealId { get; init; }

    /// <summary>Gets what names the image through all its seals.</summary>
    public required Guid ImageId { get; init; }

    /// <summary>Gets the place of the seal among those of its image.</summary>
    public required long Number { get; init; }

    /// <summary>Gets the number of sealed files.</summary>
    public required long Sealed { get; init; }

    /// <summary>Gets how many of them were carried over from the earlier seal without a scan.</summary>
    public required long CarriedOver { get; init; }

    /// <summary>Gets how many marks were written: the others had theirs already, or the file system keeps none.</summary>
    public required long MarksWritten { get; init; }

    /// <summary>Gets how many marks were taken off files that are not sealed any more.</summary>
    public required long MarksRemoved { get; init; }

    /// <summary>Gets why there are no marks, so that the catalogue alone serves; <see langword="null"/> if there are.</summary>
    public required string? WhyNoMarks { get; init; }

    /// <summary>Gets why an earlier seal was not gone on from, if there was one that was refused.</summary>
    public required string? EarlierRefused { get; init; }

    /// <summary>Gets the number of files that were not sealed.</summary>
    public required long UnsealedCount { get; init; }

    /// <summary>Gets the files that were not sealed, as far as they are kept by name.</summary>
    public required IReadOnlyList<UnsealedFile> Unsealed { get; init; }

    /// <summary>Gets what the scan came to.</summary>
    public required ScanSummary Scan { get; init; }
}
