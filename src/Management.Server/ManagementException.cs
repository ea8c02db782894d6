namespace Symantec.Virtualization.Management.Server;

/// <summary>Why the manager does not do what it is asked.</summary>
public enum ManagementFault
{
    /// <summary>What was asked for is not well formed; the message names the member.</summary>
    Invalid,

    /// <summary>There is no such thing.</summary>
    NotFound,

    /// <summary>Something else stands against it.</summary>
    Conflict,

    /// <summary>Credentials are missing or wrong, or a token is used up.</summary>
    Unauthenticated,

    /// <summary>Whoever asks may not.</summary>
    Forbidden,

    /// <summary>A heartbeat whose number was taken before.</summary>
    Replayed,

    /// <summary>A batch of which nobody knows whether it was counted.</summary>
    TooOld,

    /// <summary>Too many requests.</summary>
    TooMany,
}

/// <summary>The manager does not do what it is asked. The message is written for whoever asks.</summary>
public sealed class ManagementException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="ManagementException"/> class.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="sequence">The last number that was taken, where a heartbeat's is not beyond it.</param>
    public ManagementException(ManagementFault fault, string message, long? sequence = null)
        : base(message)
    {
        Fault = fault;
        Sequence = sequence;
    }

    /// <summary>Gets why.</summary>
    public ManagementFault Fault { get; }

    /// <summary>Gets the last number that was taken, where a heartbeat's is not beyond it.</summary>
    public long? Sequence { get; }

    internal static ManagementException NotFound(string what) => new(ManagementFault.NotFound, $"There is no such {what}.");

    internal static ManagementException Invalid(string message) => new(ManagementFault.Invalid, message);
}
