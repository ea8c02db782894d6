using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>What scans of a client came to. A batch has an identifier for life: sent again, it is counted once.</summary>
public sealed record ResultBatch
{
    /// <summary>Gets the batch's identifier.</summary>
    public required Guid Id { get; init; }

    /// <summary>Gets when the batch was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Gets the scans that ended.</summary>
    public IReadOnlyList<ScanDocument> Scans { get; init => field = value ?? []; } = [];

    /// <summary>Gets what was found.</summary>
    public IReadOnlyList<DetectionDocument> Detections { get; init => field = value ?? []; } = [];

    /// <summary>Gets what was not scanned, and why it did not have to be.</summary>
    public IReadOnlyList<SavingDocument> Savings { get; init => field = value ?? []; } = [];

    /// <summary>Checks every member.</summary>
    /// <exception cref="System.Text.Json.JsonException">A member is not as it must be; the message names it.</exception>
    public void Validate()
    {
        Rules.Require(Id != Guid.Empty, "id", "an identifier is needed");
        Rules.Time(Created);
        Rules.Count(Scans, WireLimits.MaxScans);
        Rules.Count(Detections, WireLimits.MaxDetections);
        Rules.Count(Savings, WireLimits.MaxSavings);
        foreach (ScanDocument scan in Scans)
        {
            scan.Validate("scans");
        }

        foreach (DetectionDocument detection in Detections)
        {
            detection.Validate("detections");
        }

        foreach (SavingDocument saving in Savings)
        {
            saving.Validate("savings");
        }
    }
}

/// <summary>A scan that ended.</summary>
public sealed record ScanDocument
{
    /// <summary>Gets when it started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Gets why it ran.</summary>
    public required ScanTrigger Trigger { get; init; }

    /// <summary>Gets what was scanned, for people: a folder, an image, a schedule's name.</summary>
    public required string Target { get; init; }

    /// <summary>Gets the definitions that it was scanned with.</summary>
    public DefinitionsDocument? Definitions { get; init; }

    /// <summary>Gets the number of contents.</summary>
    public required long Contents { get; init; }

    /// <summary>Gets their lengths together, in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets how many are infected.</summary>
    public long Infected { get; init; }

    /// <summary>Gets how many were not scanned to their end.</summary>
    public long Incomplete { get; init; }

    /// <summary>Gets how many could not be scanned.</summary>
    public long Failed { get; init; }

    /// <summary>Gets how many were skipped.</summary>
    public long Skipped { get; init; }

    /// <summary>Gets the number of things that could not be listed or read.</summary>
    public long Problems { get; init; }

    /// <summary>Gets the stored bytes that nobody had to read.</summary>
    public long BytesSaved { get; init; }

    /// <summary>Gets the time that skipping saved, in milliseconds.</summary>
    public long MillisecondsSaved { get; init; }

    /// <summary>Gets the time from the start to the end, in milliseconds.</summary>
    public long Milliseconds { get; init; }

    /// <summary>Gets a value indicating whether it was ended before it was through.</summary>
    public bool Cancelled { get; init; }

    /// <summary>Gets why contents were scanned or skipped, by whom, and what that cost.</summary>
    public IReadOnlyList<LedgerDocument> Ledger { get; init => field = value ?? []; } = [];

    /// <summary>Makes the document of a summary.</summary>
    /// <param name="summary">What the scan came to.</param>
    /// <param name="started">When it started.</param>
    /// <param name="trigger">Why it ran.</param>
    /// <param name="target">What was scanned, for people.</param>
    /// <param name="definitions">The definitions that it was scanned with.</param>
    /// <returns>The document.</returns>
    public static ScanDocument Of(ScanSummary summary, DateTimeOffset started, ScanTrigger trigger, string target, DefinitionSet? definitions = null)
    {
        ArgumentNullException.ThrowIfNull(summary);
        ArgumentNullException.ThrowIfNull(target);
        return new()
        {
            Started = started,
            Trigger = trigger,
            Target = WireText.Cut(target, WireLimits.MaxLocation),
            Definitions = definitions is null ? null : DefinitionsDocument.Of(definitions),
            Contents = WireText.Bound(summary.Contents),
            Bytes = WireText.Bound(summary.Bytes),
            Infected = WireText.Bound(summary.Infected),
            Incomplete = WireText.Bound(summary.Incomplete),
            Failed = WireText.Bound(summary.Failed),
            Skipped = WireText.Bound(summary.Skipped),
            Problems = WireText.Bound(summary.Problems),
            BytesSaved = WireText.Bound(summary.BytesSaved),
            MillisecondsSaved = WireText.Bound(summary.TimeSaved),
            Milliseconds = WireText.Bound(summary.Elapsed),
            Cancelled = summary.Cancelled,
            Ledger =
            [
                .. summary.Ledger.Take(WireLimits.MaxLedgerLines).Select(static line => new LedgerDocument(
                    line.Disposition, WireText.Cut(line.By, WireLimits.MaxText), WireText.Bound(line.Contents), WireText.Bound(line.Bytes), WireText.Bound(line.Elapsed))),
            ],
        };
    }

    internal void Validate(string inside)
    {
        Rules.Time(Started, inside);
        Rules.Require(Enum.IsDefined(Trigger), inside + ".trigger", "a trigger that is known is needed");
        Rules.Text(Target, WireLimits.MaxLocation, inside);
        Definitions?.Validate(inside + ".definitions");
        Rules.Amount(Contents, inside);
        Rules.Amount(Bytes, inside);
        Rules.Amount(Infected, inside);
        Rules.Amount(Incomplete, inside);
        Rules.Amount(Failed, inside);
        Rules.Amount(Skipped, inside);
        Rules.Amount(Problems, inside);
        Rules.Amount(BytesSaved, inside);
        Rules.Amount(MillisecondsSaved, inside);
        Rules.Amount(Milliseconds, inside);
        Rules.Count(Ledger, WireLimits.MaxLedgerLines, inside);
        foreach (LedgerDocument line in Ledger)
        {
            line.Validate(inside + ".ledger");
        }
    }
}

/// <summary>One line of a scan's ledger.</summary>
/// <param name="Disposition">What became of the contents.</param>
/// <param name="By">Who decided.</param>
/// <param name="Contents">How many contents.</param>
/// <param name="Bytes">The bytes that are stored for them.</param>
/// <param name="Milliseconds">The time that hashing and scanning them took, on all threads together.</param>
public sealed record LedgerDocument(Disposition Disposition, string By, long Contents, long Bytes, long Milliseconds)
{
    internal void Validate(string inside)
    {
        Rules.Text(By, WireLimits.MaxText, inside);
        Rules.Amount(Contents, inside);
        Rules.Amount(Bytes, inside);
        Rules.Amount(Milliseconds, inside);
    }
}

/// <summary>What was done about a detection.</summary>
public enum DetectionAction
{
    /// <summary>It was reported, and nothing else.</summary>
    Reported,

    /// <summary>The file was not let be opened.</summary>
    Denied,

    /// <summary>The file was put away.</summary>
    Quarantined,

    /// <summary>The file was deleted.</summary>
    Deleted,
}

/// <summary>An infected content.</summary>
public sealed record DetectionDocument
{
    /// <summary>Gets when it was found.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the threat.</summary>
    public required string Threat { get; init; }

    /// <summary>Gets where the content is; hostile.</summary>
    public required string Location { get; init; }

    /// <summary>Gets the content, where its hash is known.</summary>
    public ContentHash? Hash { get; init; }

    /// <summary>Gets the length in bytes.</summary>
    public long Length { get; init; }

    /// <summary>Gets why the scan ran.</summary>
    public ScanTrigger Trigger { get; init; }

    /// <summary>Gets what was done.</summary>
    public DetectionAction Action { get; init; }

    /// <summary>Gets the definitions that found it.</summary>
    public DefinitionsDocument? Definitions { get; init; }

    /// <summary>Gets the seal that had called the content clean, if one had.</summary>
    public Guid? SealId { get; init; }

    /// <summary>Gets the image that was sealed.</summary>
    public string? ImageId { get; init; }

    /// <summary>Makes the document of a result.</summary>
    /// <param name="result">The result, of an infected content.</param>
    /// <param name="time">When it was found.</param>
    /// <param name="trigger">Why the scan ran.</param>
    /// <param name="action">What was done.</param>
    /// <returns>The document.</returns>
    public static DetectionDocument Of(ScanResult result, DateTimeOffset time, ScanTrigger trigger, DetectionAction action = DetectionAction.Reported)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new()
        {
            Time = time,
            Threat = WireText.Cut(result.Verdict?.Detail ?? "", WireLimits.MaxText),
            Location = WireText.Cut(result.Location, WireLimits.MaxLocation),
            Hash = result.Hash,
            Length = WireText.Bound(result.Length),
            Trigger = trigger,
            Action = action,
            Definitions = result.Definitions is null ? null : DefinitionsDocument.Of(result.Definitions),
        };
    }

    internal void Validate(string inside)
    {
        Rules.Time(Time, inside);
        Rules.Text(Threat, WireLimits.MaxText, inside);
        Rules.Text(Location, WireLimits.MaxLocation, inside);
        Rules.Amount(Length, inside);
        Rules.Require(Enum.IsDefined(Trigger) && Enum.IsDefined(Action), inside, "a trigger and an action that are known are needed");
        Definitions?.Validate(inside + ".definitions");
        Rules.Optional(ImageId, WireLimits.MaxText, inside);
    }
}

/// <summary>What one exemption saved on one day.</summary>
public sealed record SavingDocument
{
    /// <summary>Gets the day, in UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Gets the exemption.</summary>
    public required string Exemption { get; init; }

    /// <summary>Gets the base image by whose seal it was, if it was by one.</summary>
    public string? ImageId { get; init; }

    /// <summary>Gets the seal.</summary>
    public Guid? SealId { get; init; }

    /// <summary>Gets how many contents were skipped.</summary>
    public required long Contents { get; init; }

    /// <summary>Gets the bytes that were not scanned.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets the time that was saved, in milliseconds.</summary>
    public long Milliseconds { get; init; }

    internal void Validate(string inside)
    {
        Rules.Require(Day.Year is >= WireLimits.FirstYear and <= WireLimits.LastYear, inside + ".day", $"a day from the year {WireLimits.FirstYear} to {WireLimits.LastYear} is needed");
        Rules.Text(Exemption, WireLimits.MaxText, inside);
        Rules.Optional(ImageId, WireLimits.MaxText, inside);
        Rules.Amount(Contents, inside);
        Rules.Amount(Bytes, inside);
        Rules.Amount(Milliseconds, inside);
    }
}

/// <summary>What became of a batch.</summary>
/// <param name="Id">The batch.</param>
/// <param name="Counted">Whether it was counted now; otherwise it had been before.</param>
public sealed record ResultReceipt(Guid Id, bool Counted);
