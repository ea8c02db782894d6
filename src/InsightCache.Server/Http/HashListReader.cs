using System.Buffers;
using System.Text.Json;
using Symantec.Virtualization.InsightCache.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Reads a <see cref="LookupRequest"/> straight into keys: a model with a string for each hash costs three times as much.</summary>
internal static class HashListReader
{
    /// <summary>Reads a request.</summary>
    /// <param name="json">The document.</param>
    /// <param name="keys">Receives 32 bytes a hash; room for <see cref="Routes.MaxBatch"/>.</param>
    /// <param name="count">The number of hashes.</param>
    /// <param name="leases">Whether leases are asked for.</param>
    /// <returns>The scope.</returns>
    /// <exception cref="JsonException">It is no lookup; the message says what is wrong.</exception>
    public static ScopeDocument Read(ReadOnlySpan<byte> json, Span<byte> keys, out int count, out bool leases)
    {
        Utf8JsonReader reader = new(json);
        ScopeDocument? scope = null;
        count = 0;
        leases = false;
        Require(reader.Read() && reader.TokenType == JsonTokenType.StartObject, "An object is needed.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (IsName(ref reader, "hashes"u8))
            {
                Require(count == 0, "hashes: stated twice.");
                count = ReadHashes(ref reader, keys);
            }
            else if (IsName(ref reader, "scope"u8))
            {
                reader.Read();
                scope = JsonSerializer.Deserialize(ref reader, InsightCacheJson.Default.ScopeDocument);
            }
            else if (IsName(ref reader, "leases"u8))
            {
                reader.Read();
                Require(reader.TokenType is JsonTokenType.True or JsonTokenType.False, "leases: true or false is needed.");
                leases = reader.GetBoolean();
            }
            else
            {
                reader.Skip();
            }
        }

        Require(!reader.Read(), "Something follows the object.");
        Require(count > 0, $"hashes: 1 to {Routes.MaxBatch} are needed.");
        return scope ?? throw new JsonException("scope: it is missing.");
    }

    /// <summary>Compares the name of a property, which may be half of a surrogate pair that is written as an escape: valid JSON, and no text.</summary>
    private static bool IsName(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("The name of a property is no text.", e);
        }
    }

    private static int ReadHashes(ref Utf8JsonReader reader, Span<byte> keys)
    {
        Require(reader.Read() && reader.TokenType == JsonTokenType.StartArray, "hashes: a list is needed.");
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Require(count < Routes.MaxBatch, $"hashes: more than {Routes.MaxBatch}.");
            bool isHash = reader.TokenType == JsonTokenType.String && !reader.HasValueSequence && !reader.ValueIsEscaped
                && reader.ValueSpan.Length == 2 * ContentHash.Size
                && Convert.FromHexString(reader.ValueSpan, keys.Slice(count * ContentHash.Size, ContentHash.Size), out _, out _) == OperationStatus.Done;
            if (!isHash)
            {
                throw new JsonException($"hashes[{count}]: 64 hexadecimal digits are needed.");
            }

            count++;
        }

        return count;
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new JsonException(message);
        }
    }
}
