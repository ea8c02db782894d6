using System.Text.Json;
using System.Text.Json.Serialization;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>How snapshots and reports are written: camel case, words for choices, what is not known left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(EvidenceSnapshot))]
[JsonSerializable(typeof(TagReport))]
internal sealed partial class TaggingJson : JsonSerializerContext;

/// <summary>Writes a choice as its word: <c>not-present</c>.</summary>
internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
