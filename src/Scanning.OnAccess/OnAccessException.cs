namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>Says that the operating system does not give the events that were asked for: a right, a setting of the kernel or a property of the file system is missing.</summary>
/// <param name="message">What is missing, and what would help.</param>
/// <param name="innerException">What it came from.</param>
public sealed class OnAccessException(string message, Exception? innerException = null) : Exception(message, innerException);
