namespace Symantec.Virtualization.Scanning.Core;

/// <summary>A stretch of a content that is stored as a whole or is a hole as a whole.</summary>
/// <param name="IsStored">
/// <see langword="true"/> if bytes are stored for the stretch; <see langword="false"/> if it is a hole, whose bytes are all zero
/// and need not be read.
/// </param>
/// <param name="Length">The length in bytes; 0 only at the end of the content.</param>
public readonly record struct ContentRun(bool IsStored, long Length);
