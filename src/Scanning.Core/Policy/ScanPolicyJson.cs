using System.Text.Json.Serialization;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>How a policy is written: camel case, unknown members refused, since a misspelt switch must not be a switch that is off.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    WriteIndented = true)]
[JsonSerializable(typeof(ScanPolicy))]
internal sealed partial class ScanPolicyJson : JsonSerializerContext;
