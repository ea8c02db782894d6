using System.Diagnostics.CodeAnalysis;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>With what a client shows who it is.</summary>
/// <param name="ClientId">The client.</param>
/// <param name="Secret">Its secret: letters, digits, <c>-</c> and <c>_</c>.</param>
public sealed record ClientCredentials(Guid ClientId, string Secret)
{
    private const int IdLength = 32;

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    /// <param name="text">The text; hostile.</param>
    /// <param name="credentials">The credentials.</param>
    /// <returns><see langword="false"/> if the text is anything else.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ClientCredentials? credentials)
    {
        credentials = text is { Length: > IdLength + 1 and <= IdLength + 1 + WireLimits.MaxSecret } && text[IdLength] == '.'
            && Guid.TryParseExact(text.AsSpan(0, IdLength), "N", out Guid id)
            && text.AsSpan(IdLength + 1).IndexOfAnyExcept(SecretCharacters) < 0
                ? new ClientCredentials(id, text[(IdLength + 1)..])
                : null;
        return credentials is not null;
    }

    /// <summary>Writes them as the value of the header <c>Authorization</c>, behind the scheme.</summary>
    /// <returns>The identifier, a point and the secret.</returns>
    public override string ToString() => $"{ClientId:N}.{Secret}";

    private static readonly System.Buffers.SearchValues<char> SecretCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}
