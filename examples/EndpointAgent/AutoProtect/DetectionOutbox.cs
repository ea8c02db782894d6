using System.Threading.Channels;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>Something that was found.</summary>
/// <param name="Time">When.</param>
/// <param name="Trigger">Why it was scanned.</param>
/// <param name="Location">Where it is; hostile.</param>
/// <param name="Threat">What it is.</param>
/// <param name="Hash">The hash of its content, where it is known.</param>
/// <param name="IsDenied">Whether it was kept from being opened.</param>
internal sealed record Detection(DateTimeOffset Time, ScanTrigger Trigger, string Location, string Threat, ContentHash? Hash, bool IsDenied);

/// <summary>What Auto-Protect found and is still to be reported: putting it here never waits.</summary>
internal sealed class DetectionOutbox
{
    /// <summary>Somebody who opens the same infected file in a loop must not fill the memory; the log has each.</summary>
    private const int Capacity = 10_000;

    private readonly Channel<Detection> _queue = Channel.CreateBounded<Detection>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });

    public ChannelReader<Detection> Reader => _queue.Reader;

    public void Add(Detection detection) => _queue.Writer.TryWrite(detection);
}
