using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.ImageException;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Keeps what a scan found, and counts what it skipped by whose word.</summary>
internal sealed class Findings(ILogger logger, ScanTrigger trigger, IReadOnlyList<SealedImage> images) : IScanReport
{
    /// <summary>A disk full of infected files is reported as such by the sums.</summary>
    private const int MaxInfected = 10_000;

    private readonly Dictionary<(string By, string Why), (long Contents, long Bytes)> _skipped = [];
    private readonly List<ScanResult> _infected = [];

    public IReadOnlyList<ScanResult> Infected => _infected;

    /// <summary>Gets the sums, once the scan has ended.</summary>
    public ScanSummary? Summary { get; private set; }

    public IReadOnlyList<Saving> Savings =>
    [
        .. _skipped.GroupBy(item => (item.Key.By, Seal: SealOf(item.Key))).Select(static group => new Saving(
            group.Key.By, group.Key.Seal, group.Sum(static item => item.Value.Contents), group.Sum(static item => item.Value.Bytes))),
    ];

    public void Start(ScanRun run)
    {
    }

    public void Add(ScanResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.Disposition == Disposition.Skipped)
        {
            // What another exemption says may differ for each content; only seals are told apart.
            string why = result.By == ImageExemption.ExemptionName ? result.Why : "";
            ref (long Contents, long Bytes) sums = ref CollectionsMarshal.GetValueRefOrAddDefault(_skipped, (result.By, why), out _);
            sums = (sums.Contents + 1, sums.Bytes + result.StoredLength);
        }
        else if (result.Verdict is { Kind: VerdictKind.Infected } verdict)
        {
            Log.Infected(logger, PrintableText.Escape(result.Location), PrintableText.Escape(verdict.Detail), $"{trigger}");
            if (_infected.Count < MaxInfected)
            {
                _infected.Add(result);
            }
        }
    }

    public void Add(ScanProblem problem)
    {
    }

    public void Finish(ScanSummary summary) => Summary = summary;

    private SealName? SealOf((string By, string Why) skipped)
        => skipped.By == ImageExemption.ExemptionName && images.FirstOrDefault(image => image.Why == skipped.Why) is { } image
            ? new SealName(image.Seal.Id, image.Seal.ImageId)
            : null;
}
