using System.Text.Json;
using System.Text.Json.Serialization;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>A content hash in JSON: a text of 64 hexadecimal digits.</summary>
public sealed class ContentHashJsonConverter : JsonConverter<ContentHash>
{
    /// <inheritdoc/>
    public override ContentHash Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        => reader.TokenType == JsonTokenType.String && ContentHash.TryParse(reader.GetString(), null, out ContentHash hash)
            ? hash
            : throw new JsonException(); // Without a message of ours, the serializer's own names the member and its place.

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ContentHash value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
