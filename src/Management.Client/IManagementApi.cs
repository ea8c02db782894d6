using Refit;
using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Management.Client;

/// <summary>What an agent asks of its manager. Hosts use <see cref="ManagementAgent"/>, which keeps what must not be forgotten.</summary>
/// <remarks>An answer that is no success is thrown as <see cref="ApiException"/>, whose content is a problem of RFC 9457.</remarks>
public interface IManagementApi
{
    /// <summary>Makes the machine a client.</summary>
    /// <param name="request">The token and the machine.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The client's credentials.</returns>
    [Post(Routes.Enrolment)]
    Task<EnrolmentResponse> EnrolAsync([Body] EnrolmentRequest request, CancellationToken cancellationToken = default);

    /// <summary>Tells that the client lives.</summary>
    /// <param name="authorization">The credentials, behind their scheme.</param>
    /// <param name="request">How it is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What the manager says.</returns>
    [Post(Routes.Heartbeat)]
    Task<HeartbeatResponse> HeartbeatAsync([Header("Authorization")] string authorization, [Body] HeartbeatRequest request, CancellationToken cancellationToken = default);

    /// <summary>Reads the policy.</summary>
    /// <param name="authorization">The credentials, behind their scheme.</param>
    /// <param name="knownTag">The tag (ETag) of the policy that the client has.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answer: the policy, or that it is the known one.</returns>
    [Get(Routes.Policy)]
    Task<HttpResponseMessage> GetPolicyAsync([Header("Authorization")] string authorization, [Header("If-None-Match")] string? knownTag, CancellationToken cancellationToken = default);

    /// <summary>Tells what scans came to.</summary>
    /// <param name="authorization">The credentials, behind their scheme.</param>
    /// <param name="batch">The results.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>That they were counted, now or before.</returns>
    [Post(Routes.Results)]
    Task<ResultReceipt> ReportAsync([Header("Authorization")] string authorization, [Body] ResultBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Tells which recalled contents the client had relied on.</summary>
    /// <param name="authorization">The credentials, behind their scheme.</param>
    /// <param name="answer">The contents.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends with the call.</returns>
    [Post(Routes.RecallAnswers)]
    Task AnswerRecallsAsync([Header("Authorization")] string authorization, [Body] RecallAnswer answer, CancellationToken cancellationToken = default);
}
