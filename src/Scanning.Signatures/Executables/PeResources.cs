using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Walks the resource tree of a Windows program: types, names, languages.</summary>
internal static class PeResources
{
    private const int TableSize = 16;
    private const int EntrySize = 8;
    private const int NamedCount = 12;
    private const int NumberedCount = 14;
    private const uint IsTable = 1u << 31;

    /// <summary>A tree whose tables point at each other must not be walked for ever.</summary>
    private const int MaxEntries = 4096;

    /// <summary>Finds the data entries of one type of resource.</summary>
    /// <returns>Their addresses, relative to the image's base.</returns>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public static List<uint> Find(ScanContent content, PeDirectories pe, uint type, int max)
    {
        List<uint> found = [];
        if (pe.Resources.Size == 0)
        {
            return found;
        }

        int entries = 0;
        foreach ((uint id, uint name) in Entries(content, pe, 0, numberedOnly: true))
        {
            if (id != type || (name & IsTable) == 0)
            {
                continue;
            }

            foreach ((_, uint languages) in Entries(content, pe, name & ~IsTable, numberedOnly: false))
            {
                if (++entries > MaxEntries)
                {
                    return found;
                }

                if ((languages & IsTable) == 0)
                {
                    continue;
                }

                foreach ((_, uint data) in Entries(content, pe, languages & ~IsTable, numberedOnly: false))
                {
                    if (++entries > MaxEntries)
                    {
                        return found;
                    }

                    if ((data & IsTable) == 0)
                    {
                        found.Add(unchecked(pe.Resources.Address + data));
                        if (found.Count == max)
                        {
                            return found;
                        }
                    }
                }
            }

            return found;
        }

        return found;
    }

    private static IEnumerable<(uint Id, uint Target)> Entries(ScanContent content, PeDirectories pe, uint table, bool numberedOnly)
    {
        byte[] buffer = new byte[TableSize];
        if (pe.OffsetOf(unchecked(pe.Resources.Address + table)) is not { } offset || !HeaderBytes.TryRead(content, offset, buffer))
        {
            yield break;
        }

        int named = new HeaderBytes(buffer).U16(NamedCount);
        int numbered = new HeaderBytes(buffer).U16(NumberedCount);
        ulong at = (ulong)offset + TableSize + (numberedOnly ? (ulong)named * EntrySize : 0);
        for (int left = numberedOnly ? numbered : named + numbered; left > 0; left--, at += EntrySize)
        {
            if (!HeaderBytes.TryRead(content, at, buffer.AsSpan(0, EntrySize)))
            {
                yield break;
            }

            yield return (new HeaderBytes(buffer).U32(0), new HeaderBytes(buffer).U32(4));
        }
    }
}
