using System.Globalization;
using Symantec.Virtualization.Examples.ScanHosting;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.VieTool;

/// <summary>Shows how far a run has come, how fast it goes and how long the rest will take.</summary>
internal sealed class PhaseProgress(Screen screen, TimeProvider time) : IProgress<SealProgress>, IProgress<ScanProgress>
{
    private SealPhase? _phase;
    private long _began;

    public void Report(SealProgress value)
    {
        if (_phase != value.Phase)
        {
            (_phase, _began) = (value.Phase, time.GetTimestamp());
        }

        string phase = value.Phase.ToString().ToLowerInvariant();
        if (value.Scan is { } scan)
        {
            Show(phase, scan);
            return;
        }

        TimeSpan elapsed = time.GetElapsedTime(_began);
        double? fraction = value.Total is > 0 and { } total ? Math.Min(1, (double)value.Files / total) : null;
        double rate = elapsed > TimeSpan.Zero ? value.Files / elapsed.TotalSeconds : 0;
        TimeSpan? left = fraction is > 0.005 and { } done && elapsed.TotalSeconds > 1 ? elapsed * ((1 - done) / done) : null;
        screen.ShowProgress(
            fraction, string.Create(CultureInfo.InvariantCulture, $"{phase} {value.Files:N0} files, {rate:N0}/s{Screen.Left(left)}"), PrintableText.Escape(value.Current));
    }

    public void Report(ScanProgress value) => Show("hashing", value);

    private void Show(string phase, ScanProgress scan) => screen.ShowProgress(
        scan.Fraction,
        string.Create(CultureInfo.InvariantCulture, $"{phase} {scan.Contents:N0} files, {Screen.Size(scan.BytesPerSecond)}/s{Screen.Left(scan.TimeLeft)}"),
        PrintableText.Escape(scan.Current));
}
