namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>What an entry of the shared log tells.</summary>
internal enum EntryKind : byte
{
    /// <summary>Nothing: that its server can write, and how far it has counted.</summary>
    Pulse = 1,

    /// <summary>A client's clean votes that counted.</summary>
    Votes = 2,

    /// <summary>What is known of a recalled content. Kept.</summary>
    Recall = 3,

    /// <summary>The definitions of a lane, as an administrator set them or a quorum made them. Kept.</summary>
    Definitions = 4,

    /// <summary>A client's report of its definitions.</summary>
    Report = 5,

    /// <summary>That everything is retracted that a client voted until then. Kept.</summary>
    Retraction = 6,
}

/// <summary>What stands before the payload of an entry.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Server">The server's number, chosen at random at each start, so that it counts from 1 each time.</param>
/// <param name="Counter">How many entries that server had written, with this one.</param>
/// <param name="Time">When that was said which it tells, by that server's clock.</param>
internal readonly record struct EntryHeader(EntryKind Kind, UInt128 Server, long Counter, DateTimeOffset Time);
