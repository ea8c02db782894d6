using System.Globalization;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>What clamd says to <c>VERSION</c>: <c>ClamAV 1.4.6/27000/Thu Aug 20 14:50:41 2015</c>, or only <c>ClamAV 1.4.6</c> if it has no daily database.</summary>
internal static class ClamdVersion
{
    /// <summary>Gets the definitions that a reply stands for.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="source">Where clamd listens.</param>
    /// <param name="unknown">What makes definitions without a number differ from those of any other engine.</param>
    public static DefinitionSet Parse(string reply, string source, Guid unknown)
    {
        string[] parts = reply.Split('/');
        bool numbered = parts.Length == 3 & long.TryParse(parts.ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out long sequence);
        bool dated = DateTimeOffset.TryParseExact(
            parts.ElementAtOrDefault(2),
            ["ddd MMM d HH:mm:ss yyyy", "ddd MMM dd HH:mm:ss yyyy"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.AssumeLocal,
            out DateTimeOffset published);
        return new DefinitionSet
        {
            Engine = ClamdEngine.EngineName,
            Version = numbered ? parts[1] : PrintableText.Escape(reply),
            Sequence = numbered ? sequence : 0,
            Published = numbered && dated ? published : null,

            // Without a number, nothing tells whether two clamds have the same definitions: no verdict may pass from one to another.
            Digest = ContentHash.Compute(Encoding.UTF8.GetBytes(numbered ? reply : $"{reply}/{unknown}")),
            Source = source,
        };
    }
}
