using System.Runtime.InteropServices;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Reads what the log tells: a scan through all of it.</summary>
/// <param name="files">Its files, oldest first.</param>
/// <param name="lossAt">When records were lost that no gap in the files stands for; 0 for never.</param>
internal sealed class ProvenanceReader(IReadOnlyList<string> files, uint lossAt = 0)
{
    /// <summary>When a client is mentioned together with a content.</summary>
    /// <param name="First">The first second.</param>
    /// <param name="Last">The last second.</param>
    /// <param name="Times">How often.</param>
    public readonly record struct Mention(uint First, uint Last, long Times);

    /// <summary>Looks at a record.</summary>
    internal delegate void Visitor(in LogRecord record, ReadOnlySpan<ulong> fingerprints);

    /// <summary>Gets the second since when nothing is missing: the oldest record, or the latest gap. After everything if there is no record.</summary>
    public uint CompleteSince { get; private set; } = uint.MaxValue;

    /// <summary>Tells whether the last file was ended in good order, or there is none.</summary>
    public static bool EndsInGoodOrder(IReadOnlyList<string> files)
    {
        LogRecordKind last = LogRecordKind.End;
        foreach (string file in files.TakeLast(1))
        {
            last = LogRecordKind.Gap;
            Visit(file, (in LogRecord record, ReadOnlySpan<ulong> _) => last = record.Kind);
        }

        return last == LogRecordKind.End;
    }

    /// <summary>Finds who voted for a content and who relied on its being clean.</summary>
    /// <param name="fingerprint">Its fingerprint.</param>
    /// <param name="former">Another one that it had, before the server was told to keep other keys.</param>
    public (Dictionary<uint, Mention> Voters, Dictionary<uint, Mention> Relied) MentionsOf(ulong fingerprint, ulong former)
    {
        Dictionary<uint, Mention> voters = [];
        Dictionary<uint, Mention> relied = [];
        VisitAll((in LogRecord record, ReadOnlySpan<ulong> fingerprints) =>
        {
            if (fingerprints.ContainsAny(fingerprint, former))
            {
                Dictionary<uint, Mention> mentions = record.Kind == LogRecordKind.Voted ? voters : relied;
                Mention before = mentions.GetValueOrDefault(record.Client, new Mention(record.Second, record.Second, 0));
                mentions[record.Client] = before with { Last = record.Second, Times = before.Times + 1 };
            }
        });
        return (voters, relied);
    }

    /// <summary>Finds the contents that a client voted clean.</summary>
    public HashSet<ulong> VotesOf(uint client)
    {
        HashSet<ulong> votes = [];
        VisitAll((in LogRecord record, ReadOnlySpan<ulong> fingerprints) =>
        {
            if (record.Kind == LogRecordKind.Voted && record.Client == client)
            {
                foreach (ulong fingerprint in fingerprints)
                {
                    votes.Add(fingerprint);
                }
            }
        });
        return votes;
    }

    private void VisitAll(Visitor visitor)
    {
        foreach (string file in files)
        {
            bool isThere = Visit(file, (in LogRecord record, ReadOnlySpan<ulong> fingerprints) =>
            {
                if (CompleteSince == uint.MaxValue || record.Kind == LogRecordKind.Gap)
                {
                    CompleteSince = record.Second;
                }

                visitor(record, fingerprints);
            });

            // Nothing is known then of what was before the next record.
            CompleteSince = isThere ? CompleteSince : uint.MaxValue;
        }

        CompleteSince = lossAt == 0 ? CompleteSince : lossAt;
    }

    /// <summary>Reads a file up to its end, or to where a crash has cut it.</summary>
    /// <returns><see langword="false"/> if it is no longer there.</returns>
    internal static bool Visit(string path, Visitor visitor)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (FileNotFoundException)
        {
            // It was the oldest, and made room meanwhile.
            return false;
        }

        using (file)
        {
            // As numbers, so that fingerprints are aligned.
            Span<byte> buffer = MemoryMarshal.AsBytes(new ulong[(1 << 20) / sizeof(ulong)].AsSpan());
            int held = 0;
            for (int read; (read = file.Read(buffer[held..])) > 0;)
            {
                held += read;
                int used = 0;
                while (LogRecord.TryRead(buffer[used..held], out LogRecord record, out ReadOnlySpan<ulong> fingerprints))
                {
                    if (record.Kind != LogRecordKind.Room)
                    {
                        visitor(record, fingerprints);
                    }

                    used += record.Size;
                }

                if (used == 0 && held >= LogRecord.MaxSize)
                {
                    return true;
                }

                buffer[used..held].CopyTo(buffer);
                held -= used;
            }
        }

        return true;
    }
}
