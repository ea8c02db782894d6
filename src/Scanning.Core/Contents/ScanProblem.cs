namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Something that could not be listed or read, so that a scan without findings is not a clean one.</summary>
/// <param name="Location">Where: an image, a volume, a folder. It may hold hostile names.</param>
/// <param name="Message">What is wrong, in one sentence. It may quote hostile bytes.</param>
public sealed record ScanProblem(string Location, string Message);
