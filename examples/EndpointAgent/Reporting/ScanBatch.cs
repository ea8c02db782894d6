using Symantec.Virtualization.Management.Protocol;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>What an agent reports of its scans. Before it is sent it is cut into pieces that a manager takes.</summary>
internal static class ScanBatch
{
    /// <summary>Makes the batch of a scan.</summary>
    public static ResultBatch Of(EndpointScan scan, TimeProvider time) => new()
    {
        Id = Guid.NewGuid(),
        Created = time.GetUtcNow(),
        Scans = [ScanDocument.Of(scan.Summary, scan.Started, scan.Trigger, scan.Target, scan.Definitions)],
        Detections = [.. scan.Detections.Select(result => DetectionDocument.Of(result, time.GetUtcNow(), scan.Trigger))],
        Savings = [.. scan.Savings.Select(saving => Of(saving, scan))],
    };

    /// <summary>Makes the batch of what Auto-Protect found.</summary>
    public static ResultBatch Of(IReadOnlyList<Detection> detections, TimeProvider time) => new()
    {
        Id = Guid.NewGuid(),
        Created = time.GetUtcNow(),
        Detections = [.. detections.Select(static detection => new DetectionDocument
        {
            Time = detection.Time,
            Threat = WireText.Cut(detection.Threat, WireLimits.MaxText),
            Location = WireText.Cut(detection.Location, WireLimits.MaxLocation),
            Hash = detection.Hash,
            Trigger = detection.Trigger,
            Action = detection.IsDenied ? DetectionAction.Denied : DetectionAction.Reported,
        })],
    };

    private static SavingDocument Of(Saving saving, EndpointScan scan)
    {
        // The session tells how long all that was skipped would have taken; by whom is told by the bytes.
        double share = scan.Summary.BytesSaved > 0 ? Math.Min(1, saving.Bytes / (double)scan.Summary.BytesSaved) : 0;
        return new SavingDocument
        {
            Day = DateOnly.FromDateTime(scan.Started.UtcDateTime),
            Exemption = saving.By,
            ImageId = saving.Seal?.ImageId.ToString(),
            SealId = saving.Seal?.Id,
            Contents = saving.Contents,
            Bytes = saving.Bytes,
            Milliseconds = (long)(scan.Summary.TimeSaved.TotalMilliseconds * share),
        };
    }
}
