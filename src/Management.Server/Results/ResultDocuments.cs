using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server;

/// <summary>A scan as it was reported.</summary>
/// <param name="Id">The scan's number.</param>
/// <param name="ClientId">The client.</param>
/// <param name="ClientName">Its name then.</param>
/// <param name="Scan">What it came to.</param>
public sealed record ScanEntry(long Id, Guid ClientId, string ClientName, ScanDocument Scan);

/// <summary>A detection as it was reported.</summary>
public sealed record DetectionEntry
{
    /// <summary>Gets the detection's number.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the client.</summary>
    public required Guid ClientId { get; init; }

    /// <summary>Gets its name then.</summary>
    public required string ClientName { get; init; }

    /// <summary>Gets when it was found, by the client's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets when it was reported.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>Gets the threat.</summary>
    public required string Threat { get; init; }

    /// <summary>Gets where the content was.</summary>
    public required string Location { get; init; }

    /// <summary>Gets the content's hash, or nothing.</summary>
    public required string Hash { get; init; }

    /// <summary>Gets the length in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Gets why the scan ran.</summary>
    public required ScanTrigger Trigger { get; init; }

    /// <summary>Gets what was done.</summary>
    public required DetectionAction Action { get; init; }

    /// <summary>Gets the definitions that found it.</summary>
    public required string Definitions { get; init; }

    /// <summary>Gets the seal that had called it clean.</summary>
    public Guid? SealId { get; init; }

    /// <summary>Gets the image that was sealed.</summary>
    public required string ImageId { get; init; }
}

/// <summary>Which detections are asked for.</summary>
public sealed record DetectionFilter
{
    /// <summary>Gets the client.</summary>
    public Guid? ClientId { get; init; }

    /// <summary>Gets the content.</summary>
    public ContentHash? Hash { get; init; }

    /// <summary>Gets a piece of the threat's name.</summary>
    public string? Threat { get; init; }

    /// <summary>Gets from when on.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Gets until when.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Gets the number below which entries are listed, to go on behind a page; <see langword="null"/> from the newest on.</summary>
    public long? Before { get; init; }

    /// <summary>Gets how many at most, up to 500.</summary>
    public int Count { get; init; } = 100;
}

/// <summary>By what savings are added up.</summary>
public enum SavingAxis
{
    /// <summary>By day.</summary>
    Day,

    /// <summary>By client.</summary>
    Client,

    /// <summary>By base image.</summary>
    Image,

    /// <summary>By exemption.</summary>
    Exemption,
}

/// <summary>What was not scanned.</summary>
/// <param name="Key">The day (<c>2026-11-26</c>), the client's identifier, the image or the exemption.</param>
/// <param name="Name">The key as people know it.</param>
/// <param name="Contents">How many contents.</param>
/// <param name="Bytes">How many bytes.</param>
/// <param name="Milliseconds">How much time.</param>
public sealed record SavingTotal(string Key, string Name, long Contents, long Bytes, long Milliseconds);

/// <summary>A number on a day.</summary>
/// <param name="Day">The day, in UTC.</param>
/// <param name="Count">The number.</param>
public sealed record DayCount(DateOnly Day, long Count);

/// <summary>A name and how often it comes.</summary>
/// <param name="Name">The name.</param>
/// <param name="Count">How often.</param>
public sealed record NameCount(string Name, long Count);

/// <summary>How things stand, on one page.</summary>
/// <param name="Clients">How many clients there are.</param>
/// <param name="Online">How many were heard of within the last five minutes.</param>
/// <param name="Virtual">How many are virtual.</param>
/// <param name="UnknownOrContradictory">How many have a tag that does not know, or whose evidence contradicts itself.</param>
/// <param name="Flagged">How many are clones, ghosts or share credentials.</param>
/// <param name="Infected">How many have reported a detection within the last 7 days.</param>
/// <param name="DetectionsByDay">Detections of the last 30 days.</param>
/// <param name="Threats">The most frequent threats of the last 30 days.</param>
/// <param name="SavingsByDay">What was not scanned in the last 30 days.</param>
/// <param name="Saved">What was not scanned in the last 30 days, together.</param>
public sealed record Overview(
    long Clients,
    long Online,
    long Virtual,
    long UnknownOrContradictory,
    long Flagged,
    long Infected,
    IReadOnlyList<DayCount> DetectionsByDay,
    IReadOnlyList<NameCount> Threats,
    IReadOnlyList<SavingTotal> SavingsByDay,
    SavingTotal Saved);

/// <summary>A content that turned out bad.</summary>
/// <param name="Hash">The content.</param>
/// <param name="Threat">The threat's name, if it has one.</param>
/// <param name="Created">When it was recalled.</param>
/// <param name="Author">By whom.</param>
public sealed record RecallEntry(ContentHash Hash, string Threat, DateTimeOffset Created, string Author);

/// <summary>That a client relied on somebody's word for a content.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="ClientName">Its name then.</param>
/// <param name="Exemption">The exemption that let the content be skipped.</param>
/// <param name="SealId">The seal, if it was one.</param>
/// <param name="ImageId">The image that was sealed.</param>
/// <param name="Location">Where the content is, if that is known.</param>
/// <param name="First">When it was first reported.</param>
/// <param name="Last">When last.</param>
public sealed record Reliance(Guid ClientId, string ClientName, string Exemption, Guid? SealId, string ImageId, string Location, DateTimeOffset First, DateTimeOffset Last);

/// <summary>A base image whose seal had called a content clean.</summary>
/// <param name="SealId">The seal.</param>
/// <param name="ImageId">The image.</param>
/// <param name="Clients">The clients that have it in use now.</param>
public sealed record SealReach(Guid SealId, string ImageId, IReadOnlyList<ClientMention> Clients);

/// <summary>A client by its name.</summary>
/// <param name="Id">The client.</param>
/// <param name="Name">Its name.</param>
public sealed record ClientMention(Guid Id, string Name);

/// <summary>Whom a bad content concerns.</summary>
/// <param name="Hash">The content.</param>
/// <param name="Recall">Its recall, if it was recalled.</param>
/// <param name="Relied">The clients that have said that they relied on somebody's word for it.</param>
/// <param name="Seals">The seals that had called it clean, as clients that have them said, and all clients that have them in use: those that have not answered yet, too.</param>
/// <param name="Detections">Where it was found.</param>
public sealed record RecallReach(ContentHash Hash, RecallEntry? Recall, IReadOnlyList<Reliance> Relied, IReadOnlyList<SealReach> Seals, IReadOnlyList<DetectionEntry> Detections);
