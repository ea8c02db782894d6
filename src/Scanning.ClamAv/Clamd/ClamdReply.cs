using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>What clamd says of one content.</summary>
/// <remarks>
/// <c>stream: OK</c>, <c>stream: NAME FOUND</c>, <c>fd[12]: NAME FOUND</c>, <c>INSTREAM size limit exceeded. ERROR</c>. It is read from the right, since a name may
/// hold spaces, colons and each of these words.
/// </remarks>
internal static class ClamdReply
{
    private const string Ok = ": OK";
    private const string Found = " FOUND";
    private const string Error = " ERROR";
    private const string SizeLimit = "size limit exceeded";

    /// <summary>Gets the verdict of a reply.</summary>
    /// <param name="reply">The reply, without the number of the request.</param>
    public static Verdict Parse(string reply)
    {
        if (reply.EndsWith(Found, StringComparison.Ordinal))
        {
            int name = reply.IndexOf(": ", StringComparison.Ordinal) + 2;
            string threat = name >= 2 && name < reply.Length - Found.Length ? reply[name..^Found.Length] : "without a name";
            return Alerts.IsIncomplete(threat) ? Verdict.Incomplete(Alerts.Explain(threat)) : Verdict.Infected(threat);
        }

        return reply.EndsWith(Ok, StringComparison.Ordinal) ? Verdict.Clean
            : !reply.EndsWith(Error, StringComparison.Ordinal) ? Verdict.Failed($"clamd answered what is no verdict: {PrintableText.Escape(reply)}")
            : reply.Contains(SizeLimit, StringComparison.Ordinal) ? Verdict.Incomplete("it is longer than clamd takes (StreamMaxLength)")
            : Verdict.Failed($"clamd failed: {PrintableText.Escape(reply[..^Error.Length])}");
    }
}
