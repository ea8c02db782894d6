using System.Net.Sockets;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>Says that clamd cannot be reached, or that the talk with it broke.</summary>
/// <param name="message">What happened.</param>
/// <param name="mayPass">Whether another attempt may go better.</param>
/// <param name="innerException">What it came from.</param>
internal sealed class ClamdFault(string message, bool mayPass, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Gets a value indicating whether another attempt may go better. After a time-out, it would only take as long again.</summary>
    public bool MayPass => mayPass;

    /// <summary>Says what a fault of the socket means.</summary>
    public static ClamdFault Of(SocketException e, string endPoint, TimeSpan timeout) => e.SocketErrorCode switch
    {
        SocketError.TimedOut or SocketError.WouldBlock => new($"clamd at {endPoint} did not go on within {timeout.TotalSeconds:0.###} s", mayPass: false, e),
        SocketError.ConnectionRefused => new($"clamd at {endPoint} is not running: the connection was refused", mayPass: true, e),
        SocketError.AccessDenied => new($"clamd at {endPoint} may not be used by this user, who has to be in the group that owns its socket", mayPass: false, e),
        _ => new($"the connection to clamd at {endPoint} failed: {e.Message}", mayPass: true, e),
    };
}
