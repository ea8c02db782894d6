namespace Symantec.Virtualization.Scanning.Core;

/// <summary>How far a scan has come.</summary>
public sealed record ScanProgress
{
    /// <summary>Gets the number of contents that are done.</summary>
    public required long Contents { get; init; }

    /// <summary>Gets the stored bytes that are done, those of contents that are being read included.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets how many stored bytes there are, as far as the sources know; <see langword="null"/> if they do not.</summary>
    public required long? TotalBytes { get; init; }

    /// <summary>Gets the number of infected contents so far.</summary>
    public required long Infected { get; init; }

    /// <summary>Gets the number of problems, and of contents that were not scanned to their end, so far.</summary>
    public required long Problems { get; init; }

    /// <summary>Gets the location of a content that is being scanned; hostile. Empty before the first.</summary>
    public required string Current { get; init; }

    /// <summary>Gets the time since the start.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Gets the mean speed since the start, in bytes per second.</summary>
    public double BytesPerSecond => Elapsed > TimeSpan.Zero ? Bytes / Elapsed.TotalSeconds : 0;

    /// <summary>Gets the mean speed since the start, in contents per second.</summary>
    public double ContentsPerSecond => Elapsed > TimeSpan.Zero ? Contents / Elapsed.TotalSeconds : 0;

    /// <summary>Gets how much is done, from 0 to 1; <see langword="null"/> if nobody knows how much there is.</summary>
    public double? Fraction => TotalBytes is > 0 and { } total ? Math.Min(1, (double)Bytes / total) : null;

    /// <summary>Gets the time that the rest will take at the mean speed; <see langword="null"/> before there is anything to tell it from.</summary>
    public TimeSpan? TimeLeft => Fraction is > 0.005 and { } done && Elapsed.TotalSeconds > 1 ? Elapsed * ((1 - done) / done) : null;
}
