namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Text as the manager takes it.</summary>
internal static class Reported
{
    /// <summary>Cuts a text off that is longer than the manager takes.</summary>
    public static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
