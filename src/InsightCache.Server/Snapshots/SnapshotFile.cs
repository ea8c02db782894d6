using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Keeps the verdicts over a restart. A snapshot is a way to poison the cache, so it is sealed with the server's key, piece by piece, and none of it counts before all of it is verified.</summary>
/// <remarks>
/// <code>
///  0  4  magic    "ICS2"
///  4  4  length   of the header in bytes, little-endian
///  8     header   JSON
///     32 seal     HMAC-SHA-256 over everything before
///        pieces   up to 14,560 buckets of 576 bytes (or 26,208 of 320), or as many entries of 36 (20) bytes as fit into so much: 32 (16) key, 1 lane, 1 generation, 2 expiry
///                 16 bytes GMAC tag (AES-256, key by HMAC from the server's key and the salt, nonce: the number of the piece)
/// </code>
/// Numbers in buckets and entries are in the byte order of the machine. A piece that is moved, repeated, cut or taken from another snapshot does not fit its tag.
/// The file is written beside the old one and takes its name when it is on disk.
/// </remarks>
internal sealed class SnapshotFile(string path, ServerKey key, VerdictStore store)
{
    private const uint Magic = 0x32534349;
    private const int MaxHeader = 1 << 20;

    /// <summary>Writes a snapshot.</summary>
    /// <returns>When it was taken.</returns>
    /// <exception cref="IOException">It could not be written; the one before stands.</exception>
    public DateTimeOffset Write(CancellationToken cancellationToken)
    {
        string unfinished = path + ".new";
        SnapshotTable table = new(store);
        SnapshotHeader header = Describe(table.ChooseForm());
        try
        {
            using (FileStream file = new(unfinished, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
            {
                WriteHeader(file, header);
                using (SnapshotPieceWriter pieces = new(KeyOf(header), file))
                {
                    header = header with { Entries = table.Write(header, pieces, cancellationToken) };
                    pieces.WaitForDisk();
                }

                // How many entries there were is known only now; the number has a fixed width.
                file.Position = 0;
                WriteHeader(file, header);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }

        return header.Created;
    }

    /// <summary>Reads the snapshot back into the empty store, which nobody uses yet.</summary>
    /// <returns>When it was taken; <see langword="null"/> if there is none.</returns>
    /// <exception cref="InvalidDataException">It is damaged, was changed, or is another server's. After this and each other exception the table may hold some of it.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="OutOfMemoryException">There is not enough memory beside the table.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public DateTimeOffset? Restore(CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        SnapshotHeader header = ReadHeader(file);
        Require(header.CompactKeys != store.Table.KnowsKeys, header.CompactKeys ? "its keys are compact, and CompactKeys is not set" : "its keys are whole, and CompactKeys is set");
        Require(
            header is { Buckets: >= 0, Entries: >= -1 } && file.Length - file.Position == SnapshotPieces.LengthOf(new SnapshotTable(store).LengthOf(header)),
            "its length is not the one that is stated");
        Require(header.RecallEpoch <= store.Recalls.Epoch, "it knows recalls that the journal of recalls does not: one of the two was replaced");
        Require(header.RecallEpoch >= store.Recalls.Floor, "it is older than the journal of recalls tells");
        store.DistrustAllGenerations();
        List<(Lane Lane, ImmutableArray<Generation> Generations)> lanes = RestoreLanes(header);
        store.Lanes.Restore(lanes);
        byte[] pieceKey = KeyOf(header);
        long start = file.Position;
        SafeFileHandle handle = file.SafeFileHandle;
        Lock turn = new();
        new SnapshotTable(store).Read(header, () => new SnapshotPieceReader(pieceKey, handle, start, turn), cancellationToken);
        foreach (Recall recall in store.Recalls.EverJournaled)
        {
            store.Forget(recall.Tenant, recall.Hash);
        }

        return header.Created;
    }

    private static void Require(bool holds, string reason)
    {
        if (!holds)
        {
            throw new InvalidDataException($"The snapshot cannot be trusted: {reason}.");
        }
    }

    private static List<(Lane Lane, ImmutableArray<Generation> Generations)> RestoreLanes(SnapshotHeader header)
        =>
        [
            .. header.Lanes.Select(static lane => (
                new Lane(lane.Index, lane.Tenant, lane.Engine, lane.Profile) { Decided = lane.Decided, Withdrawn = [.. lane.Withdrawn.Select(static stamp => stamp.Restore())] },
                lane.Generations.Select(static generation => generation.Restore()).ToImmutableArray())),
        ];

    private SnapshotHeader Describe(long entries) => new()
    {
        Created = store.Clock.Now,
        Buckets = store.Table.BucketCount,
        Entries = entries,
        CompactKeys = !store.Table.KnowsKeys,
        HoursEpoch = store.Clock.HoursEpoch,
        RecallEpoch = store.Recalls.Epoch,
        Salt = RandomNumberGenerator.GetBytes(32),
        Lanes =
        [
            .. store.Lanes.Lanes.Select(static lane => new SnapshotLane(
                lane.Index, lane.Tenant, lane.Engine, lane.Profile, [.. lane.Generations.Select(SnapshotGeneration.Of)])
            {
                Decided = lane.Decided,
                Withdrawn = [.. lane.Withdrawn.Select(SnapshotStamp.Of)],
            }),
        ],
    };

    private void WriteHeader(FileStream file, SnapshotHeader header)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header, SnapshotJson.Default.SnapshotHeader);
        byte[] start = new byte[8 + json.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(start, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(start.AsSpan(4), json.Length);
        json.CopyTo(start, 8);
        file.Write(start);
        file.Write(Seal(start));
    }

    private SnapshotHeader ReadHeader(FileStream file)
    {
        byte[] start = new byte[8];
        Require(file.ReadAtLeast(start, 8, throwOnEndOfStream: false) == 8 && BinaryPrimitives.ReadUInt32LittleEndian(start) == Magic, "it does not begin with \"ICS2\"");
        int length = BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(4));
        Require(length is > 0 and <= MaxHeader, $"a header of {length} bytes is stated");
        byte[] rest = new byte[length + SHA256.HashSizeInBytes];
        Require(file.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false) == rest.Length, "its header is cut");
        ReadOnlySpan<byte> json = rest.AsSpan(0, length);
        Require(
            CryptographicOperations.FixedTimeEquals(rest.AsSpan(length), Seal([.. start, .. json])),
            "its header does not fit its seal, so it was changed or is another server's");
        return JsonSerializer.Deserialize(json, SnapshotJson.Default.SnapshotHeader)!;
    }

    private byte[] Seal(ReadOnlySpan<byte> bytes)
    {
        using IncrementalHash seal = key.BeginSeal();
        seal.AppendData(bytes);
        return seal.GetHashAndReset();
    }

    private byte[] KeyOf(SnapshotHeader header)
    {
        using IncrementalHash derivation = key.BeginSeal();
        derivation.AppendData("insight cache snapshot"u8);
        derivation.AppendData(header.Salt);
        return derivation.GetHashAndReset();
    }
}
