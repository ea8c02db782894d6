using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Has what takes long done by turns, away from the threads that serve connections: whoever brings much of it at once holds up himself, and everybody else by one of his turns. Safe for concurrent use.</summary>
/// <remarks>One is done at a time. Of each source one at a time waits for that, and the rest of what the source has brought waits behind it; so sources take turns.</remarks>
/// <param name="waiting">How many of one source wait at most.</param>
internal sealed class Turns(int waiting) : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _own = PartitionedRateLimiter.Create<IPAddress, IPAddress>(source => RateLimitPartition.GetConcurrencyLimiter(
        source, _ => new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst }));

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Gets what stands for everything that one attacker has: an address, or the 64 bits of an IPv6 address below which everybody chooses addresses at will.</summary>
    public static IPAddress SourceOf(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return address ?? IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    /// <summary>Does something when it is its turn.</summary>
    /// <param name="source">Who brings it, as <see cref="SourceOf"/> says.</param>
    /// <param name="work">What is done.</param>
    /// <param name="cancellationToken">Ends the wait for the turn.</param>
    /// <returns>What it gave; <see langword="null"/> if too many of the source wait already.</returns>
    public async ValueTask<T?> TakeAsync<T>(IPAddress source, Func<T?> work, CancellationToken cancellationToken)
        where T : class
    {
        using RateLimitLease own = await _own.AcquireAsync(source, 1, cancellationToken).ConfigureAwait(false);
        if (!own.IsAcquired)
        {
            return null;
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(work, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _own.Dispose();
        _turn.Dispose();
    }
}
