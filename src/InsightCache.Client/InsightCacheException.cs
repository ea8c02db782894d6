using System.Net;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>The exception that is thrown when a call to the cache came to nothing. The message says which call and why; nothing that the server wrote is in it.</summary>
public sealed class InsightCacheException : IOException
{
    /// <summary>Initializes a new instance of the <see cref="InsightCacheException"/> class.</summary>
    /// <param name="fault">What went wrong.</param>
    /// <param name="message">Which call, and why.</param>
    /// <param name="innerException">The cause.</param>
    public InsightCacheException(InsightCacheFault fault, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Fault = fault;
    }

    /// <summary>Gets what went wrong.</summary>
    public InsightCacheFault Fault { get; }

    /// <summary>Gets the status of the answer, if there was one that says so.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>Gets after how long the server wants to be asked again, if it said so.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
