using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>Hands the progress of a session on as that of a part of the work.</summary>
internal sealed class ScanAsPhase(SealPhase phase, IProgress<SealProgress> progress) : IProgress<ScanProgress>
{
    public void Report(ScanProgress value) => progress.Report(new SealProgress(phase, value.Contents, null, value.Current, value));
}
