namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>Something that is told once.</summary>
internal static class Secret
{
    public static Markup Show(string name, string secret, string what) =>
        $"""
        <div class="notice secret" role="status"><p><strong>{name}, told this once:</strong></p><p><code>{secret}</code></p><p>{what} The manager keeps its hash only: write it down now.</p></div>
        """;
}
