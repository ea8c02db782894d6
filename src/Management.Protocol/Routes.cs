namespace Symantec.Virtualization.Management.Protocol;

/// <summary>The addresses and names of version 1 of the contract between agents and their manager.</summary>
public static class Routes
{
    /// <summary>A machine becomes a client: <c>POST</c>, an <see cref="EnrolmentRequest"/>, once.</summary>
    public const string Enrolment = "/v1/agent/enrolment";

    /// <summary>A client tells that it lives: <c>POST</c>, a <see cref="HeartbeatRequest"/>.</summary>
    public const string Heartbeat = "/v1/agent/heartbeat";

    /// <summary>The client's policy: <c>GET</c> with <c>If-None-Match</c>, a <see cref="PolicyDocument"/>.</summary>
    public const string Policy = "/v1/agent/policy";

    /// <summary>What scans came to: <c>POST</c>, a <see cref="ResultBatch"/>; one that was taken before is taken again, and counted once.</summary>
    public const string Results = "/v1/agent/results";

    /// <summary>Which recalled contents the client had relied on: <c>POST</c>, a <see cref="RecallAnswer"/>.</summary>
    public const string RecallAnswers = "/v1/agent/recalls";

    /// <summary>The scheme of the header <c>Authorization</c> with which a client shows who it is; behind it stands <see cref="ClientCredentials.ToString"/>.</summary>
    public const string Scheme = "Client";

    /// <summary>The prefix of the type of every problem (RFC 9457) that a manager answers.</summary>
    public const string ProblemPrefix = "urn:symantec-virtualization:management:";

    /// <summary>The problem of a heartbeat whose number is not beyond the last one; its member <c>sequence</c> tells the last one.</summary>
    public const string ReplayProblem = ProblemPrefix + "replayed";

    /// <summary>The problem of a batch that is older than the manager remembers batches: it cannot tell whether it has it, and takes it no more.</summary>
    public const string TooOldProblem = ProblemPrefix + "too-old";
}
