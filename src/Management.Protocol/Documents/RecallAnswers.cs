using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>Which of the contents that its policy recalls a client had relied on.</summary>
public sealed record RecallAnswer
{
    /// <summary>Gets the tag (ETag) of the policy that recalls them.</summary>
    public required string PolicyTag { get; init; }

    /// <summary>Gets the contents that the client had skipped or has under a seal; none if there are none.</summary>
    public IReadOnlyList<RelianceDocument> Relied { get; init => field = value ?? []; } = [];

    /// <summary>Checks every member.</summary>
    /// <exception cref="System.Text.Json.JsonException">A member is not as it must be; the message names it.</exception>
    public void Validate()
    {
        Rules.Text(PolicyTag, WireLimits.MaxText);
        Rules.Count(Relied, WireLimits.MaxReliances);
        foreach (RelianceDocument reliance in Relied)
        {
            reliance.Validate("relied");
        }
    }
}

/// <summary>A recalled content, and by whose word the client had not scanned it.</summary>
public sealed record RelianceDocument
{
    /// <summary>Gets the content.</summary>
    public required ContentHash Hash { get; init; }

    /// <summary>Gets the exemption that let it be skipped.</summary>
    public required string Exemption { get; init; }

    /// <summary>Gets the seal, if it was one.</summary>
    public Guid? SealId { get; init; }

    /// <summary>Gets the image that was sealed.</summary>
    public string? ImageId { get; init; }

    /// <summary>Gets where the content is, if that is known; hostile.</summary>
    public string? Location { get; init; }

    internal void Validate(string inside)
    {
        Rules.Text(Exemption, WireLimits.MaxText, inside);
        Rules.Optional(ImageId, WireLimits.MaxText, inside);
        Rules.Optional(Location, WireLimits.MaxLocation, inside);
    }
}
