namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>Says that ClamAV itself cannot be used: its library is missing or of another version, or its definitions cannot be loaded.</summary>
/// <remarks>What goes wrong with one content is never this: it is that content's verdict, or an <see cref="IOException"/> where its bytes cannot be read.</remarks>
/// <param name="message">What is wrong, and what would help.</param>
/// <param name="innerException">What it came from.</param>
public sealed class ClamAvException(string message, Exception? innerException = null) : Exception(message, innerException);
