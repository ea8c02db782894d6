using System.Text.Json;
using System.Text.Json.Serialization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>How the documents between agent and manager are written: camel case, words for choices, nothing for what is not there; unknown members are passed over, so that old and new sides understand each other.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    Converters =
    [
        typeof(WordConverter<AgentState>),
        typeof(WordConverter<DetectionAction>),
        typeof(WordConverter<Disposition>),
        typeof(WordConverter<ScanTrigger>),
    ],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(EnrolmentRequest))]
[JsonSerializable(typeof(EnrolmentResponse))]
[JsonSerializable(typeof(HeartbeatRequest))]
[JsonSerializable(typeof(HeartbeatResponse))]
[JsonSerializable(typeof(ResultBatch))]
[JsonSerializable(typeof(ResultReceipt))]
[JsonSerializable(typeof(RecallAnswer))]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class ManagementJson : JsonSerializerContext;

/// <summary>Writes a choice as its name in lower case, and takes no numbers.</summary>
internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>What is wrong with a request (RFC 9457, section 3). Written for strangers.</summary>
/// <param name="Type">Which problem it is: a word behind <see cref="Routes.ProblemPrefix"/>.</param>
/// <param name="Title">The problem's name.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="Detail">What is wrong with this request.</param>
/// <param name="Sequence">The last number that was taken, where a heartbeat's is not beyond it.</param>
public sealed record ProblemDocument(string Type, string Title, int Status, string Detail, long? Sequence = null);
