using System.Text.Json.Serialization;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>What somebody on this machine asks the running agent for.</summary>
/// <param name="Command"><c>scan</c> or <c>status</c>.</param>
/// <param name="Paths">What is to be scanned; everything the agent scans by itself if none.</param>
internal sealed record ControlRequest(string Command, IReadOnlyList<string>? Paths = null);

/// <summary>What the agent answers, on one line.</summary>
internal sealed record ControlAnswer
{
    /// <summary>Gets why nothing was done.</summary>
    public string? Error { get; init; }

    /// <summary>Gets what a scan came to.</summary>
    public ResultBatch? Results { get; init; }

    /// <summary>Gets how the agent stands.</summary>
    public AgentStatus? Status { get; init; }
}

/// <summary>How the agent stands.</summary>
internal sealed record AgentStatus
{
    public required string Policy { get; init; }

    public string? Manager { get; init; }

    public Guid? ClientId { get; init; }

    public required string Definitions { get; init; }

    public required long Signatures { get; init; }

    /// <summary>Gets the seals that count.</summary>
    public required IReadOnlyList<Guid> Seals { get; init; }

    public string? InsightCache { get; init; }

    /// <summary>Gets how many openings Auto-Protect scanned, and how many needed no scan.</summary>
    public required long Scanned { get; init; }

    public required long Exempt { get; init; }

    public required string Machine { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;
