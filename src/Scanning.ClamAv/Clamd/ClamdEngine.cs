using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>ClamAV in a process of its own: clamd, over its Unix socket or TCP. Safe for concurrent use.</summary>
/// <remarks>
/// <para>
/// Each caller that is inside has a session of its own with clamd, which the next caller goes on with. A content is sent as it is read, with bounded memory here;
/// clamd keeps it in a file for the time of the scan. Files of this machine can be handed over instead (<see cref="ClamdOptions.PassDescriptors"/>).
/// </para>
/// <para>
/// <c>OK</c> is clean only if clamd tells of limits and of what is encrypted, which two probes find out at the beginning of each session. What clamd's own disk or
/// memory lacked, it does not always say.
/// </para>
/// <para>
/// A connection that breaks is tried anew, a bounded number of times; then the verdict is <see cref="VerdictKind.Failed"/>. A scan that is cancelled hangs up.
/// Definitions are known by the number of clamd's daily database, asked for before the scan: a verdict never names newer ones than it was found with. Where clamd
/// has no daily database, its definitions equal no others.
/// </para>
/// </remarks>
public sealed class ClamdEngine : IScanEngine, IDisposable
{
    /// <summary>The engine's name.</summary>
    public const string EngineName = "clamd";

    /// <summary>clamd hangs up on a session that is idle (<c>IdleTimeout</c>, 30 seconds by default); an older one is not worth a try.</summary>
    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(15);

    private readonly ConcurrentStack<ClamdConnection> _idle = new();
    private readonly Guid _unknown = Guid.NewGuid();
    private readonly ClamdOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly string _endPoint;
    private DefinitionSet _definitions;
    private volatile bool _disposed;

    /// <summary>Connects to clamd for the first time.</summary>
    /// <param name="options">How to; <see langword="null"/> for the defaults.</param>
    /// <param name="logger">Where faults of the connection go.</param>
    /// <param name="timeProvider">The clock by which answers become old.</param>
    /// <exception cref="ClamAvException">clamd cannot be reached.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ClamdEngine(ClamdOptions? options = null, ILogger<ClamdEngine>? logger = null, TimeProvider? timeProvider = null)
    {
        _options = options ?? new ClamdOptions();
        _options.Validate();
        _logger = logger ?? NullLogger<ClamdEngine>.Instance;
        _time = timeProvider ?? TimeProvider.System;
        _endPoint = _options.EndPoint.ToString() ?? "";
        Profile = ScanProfile.Of(
        [
            new(nameof(_options.MaxContentLength), _options.MaxContentLength.ToString(CultureInfo.InvariantCulture)),
            new(nameof(_options.TrustSilentLimits), _options.TrustSilentLimits.ToString()),
        ]);
        try
        {
            ClamdConnection connection = Connect(CancellationToken.None);
            _definitions = connection.Definitions!;
            _idle.Push(connection);
        }
        catch (ClamdFault e)
        {
            throw new ClamAvException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <summary>Gets the definitions that clamd had when it was last asked.</summary>
    public DefinitionSet Definitions => Volatile.Read(ref _definitions);

    /// <inheritdoc/>
    public ScanProfile Profile { get; }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (content.Length > _options.MaxContentLength)
        {
            return new EngineVerdict(
                Verdict.Incomplete(string.Create(
                    CultureInfo.InvariantCulture, $"it has {content.Length:N0} bytes, and {_options.MaxContentLength:N0} are sent to clamd (maxContentLength)")),
                Definitions);
        }

        try
        {
            return content.Length == 0 ? new EngineVerdict(Verdict.Clean, Definitions) : ScanWithRetries(content, hash is not null, cancellationToken);
        }
        catch (ScanLimitException e)
        {
            return new EngineVerdict(Verdict.Incomplete(e.Message), Definitions);
        }
    }

    /// <summary>Hangs up.</summary>
    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryPop(out ClamdConnection? connection))
        {
            connection.Dispose();
        }
    }

    private EngineVerdict ScanWithRetries(ScanContent content, bool wasRead, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ;)
        {
            ClamdConnection? connection = TakeIdle();
            bool reused = connection is not null;
            try
            {
                connection ??= Connect(cancellationToken);
                EngineVerdict verdict = ScanOnce(connection, content, wasRead, cancellationToken);
                GiveBack(connection);
                return verdict;
            }
            catch (ClamdFault e)
            {
                connection?.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                if (reused && e.MayPass)
                {
                    // clamd had hung up on an idle session, or was started anew: no attempt on a connection that was known to be good.
                    continue;
                }

                Log.ClamdFailed(_logger, _endPoint, attempt, _options.MaxAttempts, e);
                if (!e.MayPass || attempt == _options.MaxAttempts)
                {
                    return new EngineVerdict(Verdict.Failed(e.Message), Definitions);
                }

                attempt++;
                cancellationToken.WaitHandle.WaitOne(_options.RetryDelay);
                cancellationToken.ThrowIfCancellationRequested();
            }
            catch
            {
                // The stream was not ended: nothing more can be said in this session.
                connection?.Dispose();
                throw;
            }
        }
    }

    private EngineVerdict ScanOnce(ClamdConnection connection, ScanContent content, bool wasRead, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration hangUp = cancellationToken.UnsafeRegister(static connection => ((ClamdConnection)connection!).Dispose(), connection);
        if (_time.GetElapsedTime(connection.Asked) >= _options.VersionInterval)
        {
            AskForDefinitions(connection);
        }

        SafeFileHandle? file = wasRead && _options.PassDescriptors && _options.EndPoint is UnixDomainSocketEndPoint && DescriptorPassing.IsSupported
            ? content.FileHandle
            : null;
        long length = content.Length;
        Verdict verdict = ClamdReply.Parse(file is null ? connection.Stream(content, cancellationToken) : connection.Pass(file));
        if (verdict.Kind == VerdictKind.Clean)
        {
            if (file is not null && RandomAccess.GetLength(file) != length)
            {
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"it no longer had {length:N0} bytes when it was scanned"));
            }

            verdict = connection.Silence is { } silence ? Verdict.Incomplete(silence) : verdict;
        }

        return new EngineVerdict(verdict, connection.Definitions!);
    }

    private ClamdConnection Connect(CancellationToken cancellationToken)
    {
        ClamdConnection connection = ClamdConnection.Open(_options, cancellationToken);
        try
        {
            using CancellationTokenRegistration hangUp = cancellationToken.UnsafeRegister(static connection => ((ClamdConnection)connection!).Dispose(), connection);
            AskForDefinitions(connection);
            if (!_options.TrustSilentLimits)
            {
                connection.Silence = Probe(connection, cancellationToken);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    private void AskForDefinitions(ClamdConnection connection)
    {
        connection.Asked = _time.GetTimestamp();
        connection.Definitions = ClamdVersion.Parse(connection.Ask("VERSION"), _endPoint, _unknown);
        if (_definitions is null || !connection.Definitions.Equals(_definitions))
        {
            Log.DefinitionsLoaded(_logger, EngineName, connection.Definitions.Version);
        }

        Volatile.Write(ref _definitions, connection.Definitions);
    }

    private string? Probe(ClamdConnection connection, CancellationToken cancellationToken)
    {
        string? silence = IsClean(ClamdProbes.TooDeep) ? "clamd says OK to what is over its limits: set AlertExceedsMax yes in its configuration"
            : IsClean(ClamdProbes.Encrypted) ? "clamd says OK to what is encrypted: set AlertEncrypted yes in its configuration"
            : null;
        if (silence is not null)
        {
            Log.ClamdIsSilent(_logger, _endPoint, silence);
        }

        return silence;

        bool IsClean(byte[] probe)
        {
            using MemoryContent content = new("probe", probe);
            return ClamdReply.Parse(connection.Stream(content, cancellationToken)).Kind == VerdictKind.Clean;
        }
    }

    private ClamdConnection? TakeIdle()
    {
        while (_idle.TryPop(out ClamdConnection? connection))
        {
            if (_time.GetElapsedTime(connection.Used) < MaxIdle)
            {
                return connection;
            }

            connection.Dispose();
        }

        return null;
    }

    private void GiveBack(ClamdConnection connection)
    {
        connection.Used = _time.GetTimestamp();
        _idle.Push(connection);
        if (_disposed)
        {
            Dispose();
        }
    }
}
