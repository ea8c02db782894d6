namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A section of a program.</summary>
/// <param name="RawOffset">Where its bytes begin in the file.</param>
/// <param name="RawSize">How many bytes of the file it has.</param>
/// <param name="Address">Where it is loaded.</param>
/// <param name="VirtualSize">How many bytes it has in memory; 0 where the format does not say.</param>
internal readonly record struct ExecutableSection(long RawOffset, long RawSize, long Address, long VirtualSize);
