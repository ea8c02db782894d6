namespace Symantec.Virtualization.Management.Client;

/// <summary>Why the manager did not do what it was asked.</summary>
public enum ManagementClientFault
{
    /// <summary>It cannot be reached, or has no time: later it may.</summary>
    Away,

    /// <summary>It does not know the client, and there is no token to enrol by, or that is used up.</summary>
    Unknown,

    /// <summary>It will never take this.</summary>
    Refused,
}

/// <summary>The manager did not do what it was asked.</summary>
public sealed class ManagementClientException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="ManagementClientException"/> class.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="message">What the manager said, or what happened.</param>
    /// <param name="innerException">The fault behind it.</param>
    public ManagementClientException(ManagementClientFault fault, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Fault = fault;
    }

    /// <summary>Gets why.</summary>
    public ManagementClientFault Fault { get; }
}
