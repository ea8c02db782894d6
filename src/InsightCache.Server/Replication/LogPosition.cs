using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>How far a server has read the shared log when its snapshot was begun. Immutable.</summary>
/// <param name="Log">The log's name.</param>
/// <param name="Last">Where the last page ended.</param>
/// <param name="Servers">How far each server had counted.</param>
/// <param name="Retractions">The retractions that the snapshot knows.</param>
/// <param name="LastRetractions">When the last one of each tenant was made or heard of.</param>
internal sealed record LogPosition(string Log, string? Last, IReadOnlyList<HeardServer> Servers, IReadOnlyList<SharedRetraction> Retractions, IReadOnlyDictionary<string, DateTimeOffset>? LastRetractions = null)
{
    private const int MaxFile = 64 << 20;

    /// <summary>Reads the position that belongs to a snapshot.</summary>
    /// <returns><see langword="null"/> if there is none.</returns>
    /// <exception cref="InvalidDataException">Somebody has changed the file, or it is another server's.</exception>
    public static LogPosition? Read(string path, ServerKey key)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        byte[] file = new FileInfo(path).Length <= MaxFile ? File.ReadAllBytes(path) : [];
        int length = file.Length - SHA256.HashSizeInBytes;
        return length >= 0 && CryptographicOperations.FixedTimeEquals(file.AsSpan(length), Seal(file.AsSpan(0, length), key))
            ? JsonSerializer.Deserialize(file.AsSpan(0, length), LogPositionJson.Default.LogPosition)
            : throw new InvalidDataException($"{path} does not fit its seal: it was changed, or is another server's.");
    }

    /// <summary>Writes the position beside the snapshot that is just finished.</summary>
    /// <exception cref="IOException">It could not be written; the one before stands, and entries are read again.</exception>
    public void Write(string path, ServerKey key)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this, LogPositionJson.Default.LogPosition);
        string unfinished = path + ".new";
        using (FileStream file = new(unfinished, FileMode.Create, FileAccess.Write))
        {
            file.Write(json);
            file.Write(Seal(json, key));
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    private static byte[] Seal(ReadOnlySpan<byte> json, ServerKey key)
    {
        using IncrementalHash seal = key.BeginSeal();
        seal.AppendData(Encoding.UTF8.GetBytes("insight cache log position"));
        seal.AppendData(json);
        return seal.GetHashAndReset();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LogPosition))]
internal sealed partial class LogPositionJson : JsonSerializerContext;
