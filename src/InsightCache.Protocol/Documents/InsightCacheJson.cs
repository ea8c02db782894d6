using System.Text.Json;
using System.Text.Json.Serialization;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>How the documents are written: camel case, names for choices, nothing for what is not there; unknown members are passed over, so that old and new sides understand each other.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    Converters =
    [
        typeof(WordConverter<DefinitionsReport>),
        typeof(WordConverter<DefinitionsStanding>),
        typeof(WordConverter<LookupAnswer>),
        typeof(WordConverter<VoteVerdict>),
    ],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(LookupRequest))]
[JsonSerializable(typeof(LookupResponse))]
[JsonSerializable(typeof(VoteRequest))]
[JsonSerializable(typeof(VoteResponse))]
[JsonSerializable(typeof(FileDocument))]
[JsonSerializable(typeof(DefinitionsDocument))]
[JsonSerializable(typeof(DefinitionsResponse))]
[JsonSerializable(typeof(IReadOnlyList<LaneDocument>))]
[JsonSerializable(typeof(RecallDocument))]
[JsonSerializable(typeof(IReadOnlyList<RecallDocument>))]
[JsonSerializable(typeof(RecallChanges))]
[JsonSerializable(typeof(RecallRequest))]
[JsonSerializable(typeof(RecallReport))]
[JsonSerializable(typeof(RetractionDocument))]
[JsonSerializable(typeof(ImportDocument))]
[JsonSerializable(typeof(StatusDocument))]
public sealed partial class InsightCacheJson : JsonSerializerContext;

/// <summary>Writes a choice as its name in lower case, and takes no numbers.</summary>
internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
