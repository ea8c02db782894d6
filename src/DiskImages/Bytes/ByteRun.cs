namespace Symantec.Virtualization.DiskImages;

/// <summary>A stretch of a <see cref="ByteSource"/> that is stored as a whole or is a hole as a whole.</summary>
/// <param name="IsStored">
/// <see langword="true"/> if bytes are stored for the stretch; <see langword="false"/> if it is a hole, whose bytes are all zero
/// and cost nothing to read.
/// </param>
/// <param name="Length">The length in bytes; 0 only at the end of the source.</param>
public readonly record struct ByteRun(bool IsStored, long Length);
