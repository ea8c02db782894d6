using System.Net;
using System.Net.Sockets;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>How clamd is reached and asked. The values are read once, when the engine is made.</summary>
public sealed class ClamdOptions
{
    /// <summary>Where Debian's clamd listens.</summary>
    public const string DefaultSocket = "/run/clamav/clamd.ctl";

    /// <summary>Gets or sets where clamd listens: a <see cref="UnixDomainSocketEndPoint"/>, an <see cref="IPEndPoint"/> or a <see cref="DnsEndPoint"/>.</summary>
    /// <value>The default value is the Unix socket <see cref="DefaultSocket"/>. TCP has neither encryption nor authentication: keep it to the loopback address.</value>
    public EndPoint EndPoint { get; set; } = new UnixDomainSocketEndPoint(DefaultSocket);

    /// <summary>Gets or sets how long a connection may take to come about; more than 0.</summary>
    /// <value>The default value is 5 seconds.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long clamd may take to answer, and to take more bytes; more than 0. Longer than clamd's own <c>MaxScanTime</c>.</summary>
    /// <value>The default value is 3 minutes; clamd's <c>MaxScanTime</c> is 2 by default.</value>
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>
    /// Gets or sets the length of the largest content that is handed to clamd, in bytes; at least 1. Longer ones are incomplete. Not more than clamd's
    /// <c>StreamMaxLength</c>, which clamd tells to nobody.
    /// </summary>
    /// <value>The default value is 100 MiB, which is clamd's default.</value>
    public long MaxContentLength { get; set; } = 100 << 20;

    /// <summary>Gets or sets how often a scan is tried, each time on a new connection, before it fails; from 1 to 100.</summary>
    /// <value>The default value is 3.</value>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>Gets or sets how long it waits between two attempts; at least 0.</summary>
    /// <value>The default value is 1 second.</value>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how old the answer may be to which definitions clamd has, before it is asked again; at least 0.</summary>
    /// <value>The default value is 5 seconds.</value>
    public TimeSpan VersionInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets a value indicating whether files of this machine are handed over as open descriptors instead of bytes. It needs a Unix socket and Linux, and is
    /// done only for files that were read through a moment ago, to be hashed: that clamd could not read a page, it does not say.
    /// </summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool PassDescriptors { get; set; } = true;

    /// <summary>
    /// Gets or sets a value indicating whether <c>OK</c> counts as clean although clamd also says it to what is over its limits or encrypted. Without
    /// <c>AlertExceedsMax yes</c> and <c>AlertEncrypted yes</c> in its configuration it does, which the engine finds out by asking.
    /// </summary>
    /// <value>The default value is <see langword="false"/>: nothing is then clean but incomplete, with the reason.</value>
    public bool TrustSilentLimits { get; set; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(EndPoint);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReplyTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ReplyTimeout, TimeSpan.FromDays(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxContentLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAttempts, 100);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(VersionInterval, TimeSpan.Zero);
    }
}
