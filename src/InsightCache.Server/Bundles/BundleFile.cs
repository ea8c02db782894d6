using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Carries the verdicts of a server to another that it has no network to. None counts before the signature over all is verified.</summary>
/// <remarks>
/// <code>
///  0  4  magic      "ICB1"
///  4  4  length     of the header in bytes, little-endian
///  8     header     JSON
///        verdicts   35 bytes each: 1 place of the lane in the header, 32 content hash, 2 hours left when the bundle was made, little-endian
///     64 signature  ECDSA P-256 over the SHA-256 of everything before (r and s, 32 bytes each)
/// </code>
/// </remarks>
internal sealed class BundleFile(VerdictStore store, string tenant)
{
    private const uint Magic = 0x31424349;
    private const int MaxHeader = 1 << 20;
    private const int SignatureSize = 64;
    private const int VerdictSize = 1 + VerdictTable.KeySize + 2;
    private const int BucketsAtOnce = 1024;

    /// <summary>Writes the verdicts of the current definitions of every lane; the table must know its keys.</summary>
    public async Task WriteAsync(Stream destination, ECDsa key, CancellationToken cancellationToken)
    {
        Lane[] lanes = [.. store.Lanes.Lanes.Where(lane => lane.Tenant == tenant && lane.Generations.Length > 0)];
        Generation[] generations = [.. lanes.Select(static lane => lane.Generations[0])];
        BundleHeader header = new()
        {
            Created = store.Clock.Now,
            Lanes =
            [
                .. lanes.Zip(generations, static (lane, generation) => new BundleLane(
                    lane.Engine, lane.Profile, generation.Version, generation.Stamp.Sequence, generation.Stamp.Digest.ToString("x32", null))),
            ],
        };
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header, BundleJson.Default.BundleHeader);
        byte[] start = new byte[8 + json.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(start, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(start.AsSpan(4), json.Length);
        json.CopyTo(start, 8);
        await WriteAsync(destination, hash, start, cancellationToken).ConfigureAwait(false);
        byte[] images = new byte[BucketsAtOnce * store.Table.BucketSize];
        byte[] verdicts = new byte[BucketsAtOnce * store.Table.Ways * VerdictSize];
        for (long bucket = 0; bucket < store.Table.BucketCount; bucket += BucketsAtOnce)
        {
            // What was written last ends on the thread that serves connections, which has others to serve.
            await Task.Yield();
            int count = (int)Math.Min(BucketsAtOnce, store.Table.BucketCount - bucket);
            store.Table.CopyBuckets(bucket, images.AsSpan(0, count * store.Table.BucketSize));
            int length = Collect(images.AsSpan(0, count * store.Table.BucketSize), lanes, generations, verdicts);
            await WriteAsync(destination, hash, verdicts.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        }

        await destination.WriteAsync(key.SignHash(hash.GetHashAndReset(), DSASignatureFormat.IeeeP1363FixedFieldConcatenation), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes over the verdicts of a bundle.</summary>
    /// <param name="file">The bundle; it is read from its start, twice.</param>
    /// <param name="trusted">The keys whose bundles count.</param>
    /// <param name="voter">Is told under whose name the log keeps the import, and gets each batch of what was taken over.</param>
    /// <param name="cancellationToken">Ends the import; what was taken over by then stays.</param>
    /// <exception cref="InvalidDataException">It is no bundle, was changed, or is signed by nobody who is trusted; nothing was taken over.</exception>
    public ImportDocument Import(FileStream file, IReadOnlyList<ECDsa> trusted, Action<string, ReadOnlyMemory<ulong>> voter, CancellationToken cancellationToken)
    {
        file.Position = 0;
        string signer = Verify(file, trusted, cancellationToken);
        file.Position = 0;
        BundleHeader header = ReadHeader(file);
        (Lane? Lane, byte Generation)[] lanes = [.. header.Lanes.Select(Match)];
        long left = file.Length - file.Position - SignatureSize;
        Require(left % VerdictSize == 0, "its verdicts are cut");
        byte[] buffer = new byte[4096 * VerdictSize];
        ulong[] fingerprints = new ulong[4096];
        long imported = 0;
        long skipped = 0;
        for (; left > 0; left -= buffer.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> verdicts = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            file.ReadExactly(verdicts);
            int taken = 0;
            for (; verdicts.Length > 0; verdicts = verdicts[VerdictSize..])
            {
                ReadOnlySpan<byte> key = verdicts.Slice(1, VerdictTable.KeySize);
                (Lane? lane, byte generation) = verdicts[0] < lanes.Length ? lanes[verdicts[0]] : default;
                DateTimeOffset end = header.Created + TimeSpan.FromHours(BinaryPrimitives.ReadUInt16LittleEndian(verdicts[(1 + VerdictTable.KeySize)..]));

                // A verdict from before the last recall of its content counts no longer, also if the recall has ended.
                if (lane is not null && header.Created > store.Recalls.LastChange(tenant, new ContentHash(key)) && store.Import(key, lane, generation, end, out fingerprints[taken]))
                {
                    taken++;
                }
                else
                {
                    skipped++;
                }
            }

            voter("bundle " + signer, fingerprints.AsMemory(0, taken));
            imported += taken;
        }

        return new ImportDocument(signer, header.Created, imported, skipped);
    }

    private static async Task WriteAsync(Stream destination, IncrementalHash hash, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        hash.AppendData(bytes.Span);
        await destination.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    private static void Require(bool holds, string reason)
    {
        if (!holds)
        {
            throw new InvalidDataException($"The bundle is refused: {reason}.");
        }
    }

    private static string Verify(FileStream file, IReadOnlyList<ECDsa> trusted, CancellationToken cancellationToken)
    {
        Require(file.Length > SignatureSize + 8, "it is too short");
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        for (long left = file.Length - SignatureSize; left > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int read = file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            Require(read > 0, "it became shorter while it was read");
            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        byte[] signature = new byte[SignatureSize];
        file.ReadExactly(signature);
        byte[] digest = hash.GetHashAndReset();
        ECDsa? signer = trusted.FirstOrDefault(key => key.VerifyHash(digest, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        Require(signer is not null, "its signature fits none of the trusted keys");
        return Convert.ToHexStringLower(SHA256.HashData(signer!.ExportSubjectPublicKeyInfo()))[..16];
    }

    private static BundleHeader ReadHeader(FileStream file)
    {
        byte[] start = new byte[8];
        file.ReadExactly(start);
        int length = BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(4));
        Require(BinaryPrimitives.ReadUInt32LittleEndian(start) == Magic, "it does not begin with \"ICB1\"");
        Require(length is > 0 and <= MaxHeader && length <= file.Length - file.Position - SignatureSize, $"a header of {length} bytes is stated");
        byte[] json = new byte[length];
        file.ReadExactly(json);
        return JsonSerializer.Deserialize(json, BundleJson.Default.BundleHeader) ?? throw new InvalidDataException("The bundle is refused: its header is null.");
    }

    private int Collect(ReadOnlySpan<byte> images, Lane[] lanes, Generation[] generations, Span<byte> verdicts)
    {
        int used = 0;
        ushort hour = store.Clock.Hour;
        for (; images.Length > 0; images = images[store.Table.BucketSize..])
        {
            foreach (BucketImage.Entry entry in BucketImage.EntriesOf(images[..store.Table.BucketSize]))
            {
                byte index = entry.Lane;
                int place = Array.FindIndex(lanes, lane => lane.Index == index);
                if (place >= 0 && generations[place].Index == entry.Generation && entry.Expiry > hour)
                {
                    Span<byte> verdict = verdicts.Slice(used, VerdictSize);
                    verdict[0] = (byte)place;
                    entry.Key.CopyTo(verdict[1..]);
                    BinaryPrimitives.WriteUInt16LittleEndian(verdict[(1 + VerdictTable.KeySize)..], (ushort)(entry.Expiry - hour));
                    used += VerdictSize;
                }
            }
        }

        return used;
    }

    /// <summary>Finds the lane here that a lane of the bundle is, if its definitions are the current ones here as well.</summary>
    private (Lane? Lane, byte Generation) Match(BundleLane lane)
    {
        Lane? own = store.Lanes.Find(tenant, LaneId.Of(lane.Engine, lane.Profile));
        return own?.Generations is [{ } current, ..] && current.Stamp.Sequence == lane.Sequence && current.Stamp.Digest.ToString("x32", null) == lane.Digest
            ? (own, current.Index)
            : default;
    }
}
