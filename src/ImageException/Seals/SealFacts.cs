using System.Text.Json.Serialization;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>What a seal says of the image as a whole. Signed with it.</summary>
public sealed record SealFacts
{
    /// <summary>Gets the folder or volume that was sealed, as it was called then.</summary>
    public required string Root { get; init; }

    /// <summary>Gets the machine that it was sealed on; empty if that is not said.</summary>
    public string Host { get; init; } = "";

    /// <summary>Gets the program that made the seal.</summary>
    public string Tool { get; init; } = "";

    /// <summary>Gets the volumes; an entry names one by its place.</summary>
    public required IReadOnlyList<SealVolume> Volumes { get; init; }

    /// <summary>Gets the engines and definitions that found the files clean; an entry names one by its place.</summary>
    public required IReadOnlyList<VerdictScope> Scopes { get; init; }
}

/// <summary>A volume of a sealed image.</summary>
/// <param name="Name">What the identities of its files call it.</param>
/// <param name="JournalId">The identifier of its change journal, on NTFS; 0 where there is none.</param>
public sealed record SealVolume(string Name, ulong JournalId);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SealFacts))]
internal sealed partial class SealFactsJson : JsonSerializerContext;
