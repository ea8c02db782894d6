namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>What became of a form.</summary>
/// <param name="Text">What is said.</param>
/// <param name="IsError">Whether nothing was done.</param>
/// <param name="Member">The member that is wrong, as messages of the services name it: <c>scan.insightCache.address</c>.</param>
internal sealed record Notice(string Text, bool IsError, string? Member = null)
{
    /// <summary>What is said after something was done, by the word that stands in the address of the page.</summary>
    private static readonly Dictionary<string, string> Done = new(StringComparer.Ordinal)
    {
        ["moved"] = "The clients were moved.",
        ["deleted"] = "The clients were deleted. Their credentials count no longer.",
        ["cleared"] = "The flag was taken away.",
        ["group-added"] = "The group was made.",
        ["group-renamed"] = "The group has another name now.",
        ["group-deleted"] = "The group was deleted.",
        ["policy-set"] = "The policy was set. Clients fetch it with their next heartbeat.",
        ["policy-inherited"] = "The group follows the group above now.",
        ["policy-restored"] = "The earlier version was brought back, as a new one.",
        ["recalled"] = "The content was recalled. Clients scan it whatever was sealed or voted, and answer whether they had relied on it.",
        ["lifted"] = "The recall was lifted.",
        ["token-revoked"] = "The token was taken back. Clients that have enrolled by it stay.",
        ["account-changed"] = "The account was changed. Its sessions have ended.",
        ["account-deleted"] = "The account was deleted.",
        ["key-revoked"] = "The key was taken back.",
        ["password"] = "Your password was changed. Your other sessions have ended.",
        ["signed-out"] = "You have signed out.",
    };

    /// <summary>Reads a message of the services: <c>member: what is wrong</c>, or only what is wrong.</summary>
    public static Notice Error(string message)
    {
        int colon = message.IndexOf(": ", StringComparison.Ordinal);
        return colon > 0 && !message.AsSpan(0, colon).Contains(' ') ? new Notice(message, true, message[..colon]) : new Notice(message, true);
    }

    public static Notice? OfWord(string? word) => word is not null && Done.TryGetValue(word, out string? text) ? new Notice(text, false) : null;

    /// <summary>What is wrong with a member, without its name.</summary>
    public string? About(string member) => IsError && Member == member ? Text[(member.Length + 2)..] : null;

    /// <summary>What stands above the page's content.</summary>
    public Markup Show(bool hasField = false) => IsError
        ? $"""<div class="notice error" role="alert"><p><strong>Nothing was changed.</strong> {Pointed(hasField)}</p></div>"""
        : (Markup)$"""<div class="notice" role="status"><p>{Text}</p></div>""";

    private Markup Pointed(bool hasField) => hasField && Member is { } member ? $"""<a href="#{Field.IdOf(member)}">{Text}</a>""" : (Markup)$"{Text}";
}
