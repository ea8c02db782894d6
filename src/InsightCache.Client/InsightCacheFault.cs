namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>What can go wrong between a client and the cache. None of it ever makes a content clean.</summary>
public enum InsightCacheFault
{
    /// <summary>No connection could be made, or it broke.</summary>
    Unreachable,

    /// <summary>The other side does not show the key or the certificate that is trusted.</summary>
    Untrusted,

    /// <summary>No whole answer came in time.</summary>
    TimedOut,

    /// <summary>Requests failed lately, so that none is sent for some seconds.</summary>
    CircuitOpen,

    /// <summary>The server has too much to do, or this client asks too fast (429, 503).</summary>
    Busy,

    /// <summary>The server refused the request: the credentials, the role, or the request itself.</summary>
    Refused,

    /// <summary>The answer is not what the contract says.</summary>
    Malformed,

    /// <summary>The answer knows fewer recalls than answers before it: it is old, or the server has forgotten them.</summary>
    EpochWentBack,
}
