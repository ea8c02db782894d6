namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Says that a content reaches a bound of the scan and is not read further: its verdict is <see cref="VerdictKind.Incomplete"/>, never clean.</summary>
/// <param name="message">Which bound, and what reaches it.</param>
public sealed class ScanLimitException(string message) : IOException(message);
