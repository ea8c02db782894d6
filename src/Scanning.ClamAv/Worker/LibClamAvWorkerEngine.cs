using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>libclamav in processes of its own, which may crash or hang over a hostile file without taking the host along. Safe for concurrent use.</summary>
/// <remarks>
/// <para>
/// The host starts a program that calls <see cref="ClamAvWorker.Run"/>: a hidden command of its own, or a small program beside it. The worker asks for each piece of
/// a content that libclamav wants, so it needs no right to read images. What it sends back is checked before it is used.
/// </para>
/// <para>
/// A worker that ends during a scan makes that content's verdict <see cref="VerdictKind.Failed"/>; the next scan starts another. A scan that is cancelled, or takes
/// longer than <see cref="LibClamAvWorkerOptions.ScanTimeout"/>, ends its worker. All else is as with <see cref="LibClamAvEngine"/>.
/// </para>
/// </remarks>
public sealed class LibClamAvWorkerEngine : IScanEngine, IDisposable
{
    private readonly ConcurrentStack<WorkerProcess> _idle = new();
    private readonly LibClamAvWorkerOptions _options;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _places;
    private DefinitionSet _definitions;
    private volatile bool _disposed;

    /// <summary>Starts the first worker and waits until it has loaded its definitions.</summary>
    /// <param name="options">How to start workers.</param>
    /// <param name="logger">Where the end of a worker is told.</param>
    /// <exception cref="ClamAvException">The worker cannot be started, or cannot use ClamAV.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public LibClamAvWorkerEngine(LibClamAvWorkerOptions options, ILogger<LibClamAvWorkerEngine>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _logger = logger ?? NullLogger<LibClamAvWorkerEngine>.Instance;
        _places = new SemaphoreSlim(options.MaxWorkers);
        WorkerProcess worker = WorkerProcess.Start(options, CancellationToken.None);
        _definitions = worker.Definitions!;
        Profile = worker.Profile;
        _idle.Push(worker);
    }

    /// <summary>Gets <see cref="LibClamAvEngine.EngineName"/>: it finds the same threats.</summary>
    public string Name => LibClamAvEngine.EngineName;

    /// <summary>Gets the definitions that a worker last named.</summary>
    public DefinitionSet Definitions => Volatile.Read(ref _definitions);

    /// <inheritdoc/>
    public ScanProfile Profile { get; }

    /// <summary>Gets the numbers of the workers that have nothing to do.</summary>
    internal IEnumerable<int> IdleWorkers => _idle.Select(static worker => worker.Id);

    /// <inheritdoc/>
    /// <exception cref="ClamAvException">A worker ended before, and another cannot be started.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            ContentPass.TakeHoles(content, cancellationToken);
        }
        catch (ScanLimitException e)
        {
            return new EngineVerdict(Verdict.Incomplete(e.Message), Definitions);
        }

        _places.Wait(cancellationToken);
        try
        {
            return ScanInWorker(content, cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Ends the idle workers; the others end with their scan.</summary>
    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryPop(out WorkerProcess? worker))
        {
            worker.Dispose();
        }
    }

    private EngineVerdict ScanInWorker(ScanContent content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        WorkerProcess worker = TakeIdle() ?? WorkerProcess.Start(_options, cancellationToken);
        EngineVerdict verdict;
        Exception? readFault;
        try
        {
            (verdict, readFault) = worker.Scan(content, _options.ScanTimeout, cancellationToken);
        }
        catch (Exception e)
        {
            worker.Dispose();
            if (e is not (IOException or InvalidDataException))
            {
                throw;
            }

            Log.WorkerDied(_logger, worker.Id, e);
            return new EngineVerdict(Verdict.Failed($"the worker process that scanned it ended or was ended: {e.Message}"), Definitions);
        }

        GiveBack(worker);
        Volatile.Write(ref _definitions, verdict.Definitions);
        return readFault is null || verdict.Verdict.Kind == VerdictKind.Infected ? verdict
            : readFault is ScanLimitException limit ? verdict with { Verdict = Verdict.Incomplete(limit.Message) }
            : throw (readFault is IOException ? readFault : new IOException(readFault.Message, readFault));
    }

    private WorkerProcess? TakeIdle()
    {
        while (_idle.TryPop(out WorkerProcess? worker))
        {
            if (worker.IsAlive)
            {
                return worker;
            }

            // It ended while it had nothing to do, which is no fault of the next content.
            worker.Dispose();
        }

        return null;
    }

    private void GiveBack(WorkerProcess worker)
    {
        _idle.Push(worker);
        if (_disposed)
        {
            Dispose();
        }
    }
}
