using Symantec.Virtualization.DiskImages;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.OfflineImageScanner;

/// <summary>The contents of one volume, in an order that is quick to read: sorted by place on the volume, as many at a time as memory allows.</summary>
internal sealed class VolumeContents(string location, Volume volume, SharedImage image, OfflineScannerOptions options)
{
    /// <summary>How many files are sorted at a time.</summary>
    private const int MaxBatch = 4096;

    /// <summary>How many characters of paths are kept at a time: an image may hold files with a thousand long paths each.</summary>
    private const int MaxBatchCharacters = 2 << 20;

    private readonly ReadBudget _budget = new(volume.Content.Length, options.MaxExpansion);

    public IEnumerable<ScanContent> Enumerate(Action<ScanProblem> onProblem, CancellationToken cancellationToken)
    {
        if (volume.Fault is { } fault)
        {
            onProblem(new ScanProblem(location, fault.ToString()));
        }

        if (volume.FileSystem is not { } fileSystem)
        {
            yield break;
        }

        List<(long Offset, FileEntry Entry)> batch = [];
        int characters = 0;
        foreach (FileEntry entry in fileSystem.EnumerateEntries(fault => onProblem(new ScanProblem(location, fault.ToString()))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Streams.All(static stream => stream.IsMetadata))
            {
                continue;
            }

            batch.Add((entry.Streams[0].FirstOffset, entry));
            characters += entry.Paths.Sum(static path => path.Length);
            if (batch.Count == MaxBatch || characters > MaxBatchCharacters)
            {
                foreach (ScanContent content in InOrder(batch))
                {
                    yield return content;
                }

                batch.Clear();
                characters = 0;
            }
        }

        foreach (ScanContent content in InOrder(batch))
        {
            yield return content;
        }
    }

    private IEnumerable<ScanContent> InOrder(List<(long Offset, FileEntry Entry)> batch)
    {
        batch.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
        return batch.SelectMany(item => ContentsOf(item.Entry));
    }

    /// <summary>Makes the contents of a file: its own with the named streams behind it, or the named streams alone where it has no other.</summary>
    /// <remarks>A content holds a share of the image, so each is made only when it is taken: a listing may be abandoned between two of them.</remarks>
    private IEnumerable<ScanContent> ContentsOf(FileEntry entry)
    {
        string[] locations = [.. entry.Paths.Select(path => $"{location}/{path}")];
        DataStream? own = entry.Streams.FirstOrDefault(static stream => stream is { Name.Length: 0, IsMetadata: false });

        FileIdentity? owner = own is null ? null : IdentityOf(entry, own);

        // A second unnamed stream is damage or a decoy, and is scanned as well.
        IEnumerable<ScanContent> named = entry.Streams.Where(stream => !stream.IsMetadata && stream != own).Select(Named);
        return own is null ? named :
        [
            new ImageContent(locations[0], own, image, _budget)
            {
                Others = locations[1..],
                FileIdentity = owner,
                NamedStreams = [.. named],
            },
        ];

        ScanContent Named(DataStream stream) => new ImageContent($"{locations[0]}:{stream.Name}", stream, image, _budget)
        {
            Others = [.. locations.Skip(1).Select(other => $"{other}:{stream.Name}")],
            Owner = owner,
        };
    }

    private FileIdentity IdentityOf(FileEntry entry, DataStream own) => new()
    {
        Volume = volume.FileSystem!.SerialNumber.ToString("X16", null),
        FileId = entry.Id,
        Size = own.Length,
        Created = entry.Times.Created,
        Modified = entry.Times.Modified,
        Changed = entry.Times.Changed,
        JournalId = volume.FileSystem.ChangeJournalId,
        LastUsn = entry.LastUsn,
    };
}
