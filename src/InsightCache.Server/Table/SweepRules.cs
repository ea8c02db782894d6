namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>An entry as a rule sees it that decides whether it stays.</summary>
/// <param name="Fingerprint">The fingerprint of its key in no lane.</param>
/// <param name="Lane">Its lane.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Expiry">Its expiry in hours.</param>
internal readonly record struct StoredEntry(ulong Fingerprint, byte Lane, byte Generation, ushort Expiry);

/// <summary>Decides which entries <see cref="VerdictTable.RemoveWhere"/> takes away. A struct, so that it is compiled into the loop.</summary>
internal interface IEntryRule
{
    /// <summary>Tells whether an entry goes. Called with its bucket locked: it must be quick and must not call the table.</summary>
    bool Matches(in StoredEntry entry);
}
