namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>
/// Reads each answer to its end, up to a limit. It stands behind the timeout and the circuit breaker, so that a server that begins to answer and then hangs,
/// or never stops, counts like one that is silent.
/// </summary>
internal sealed class AnswerHandler : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            await response.Content.LoadIntoBufferAsync(RequestRules.Of(request).MaxAnswer, cancellationToken).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
