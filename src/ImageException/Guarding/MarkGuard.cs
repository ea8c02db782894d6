using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;
using Symantec.Virtualization.Scanning.OnAccess;

namespace Symantec.Virtualization.ImageException;

/// <summary>Takes the mark off a sealed file as soon as it changes. A hosted service.</summary>
/// <remarks>
/// No scan depends on it: a changed file is met with another identity, marked or not. What it adds is that marks tell the truth, and that where changes may have been missed nothing
/// is believed until everything was checked.
/// </remarks>
public sealed class MarkGuard : BackgroundService
{
    private readonly IReadOnlyList<SealedImage> _images;
    private readonly MarkGuardOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ChangedFiles _changed;
    private readonly LiveVolumes _volumes = new();

    /// <summary>Initializes a new instance of the <see cref="MarkGuard"/> class.</summary>
    /// <param name="images">The images whose marks are guarded; they must stay open as long as the guard works.</param>
    /// <param name="options">How.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    /// <param name="logger">Where changes are logged.</param>
    public MarkGuard(IReadOnlyList<SealedImage> images, MarkGuardOptions options, TimeProvider? time = null, ILogger<MarkGuard>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        (_images, _options, _time) = (images, options, time ?? TimeProvider.System);
        _logger = (ILogger?)logger ?? NullLogger.Instance;
        _changed = new ChangedFiles(_logger);
    }

    /// <summary>Occurs when a batch of changes was seen to. Tests wait for it.</summary>
    internal event Action? Seen;

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _volumes.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // One that was suspended before has missed changes.
        bool isFirst = !_images.Any(static image => image.IsSuspended);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                IFileChangeSource source = FileChangeSource.Open(_options.Root, _options.Changes, _logger);
                await using (source.ConfigureAwait(false))
                {
                    if (!isFirst)
                    {
                        await CheckAllAsync("the watching was interrupted", stoppingToken).ConfigureAwait(false);
                    }

                    isFirst = false;
                    await GuardAsync(source, stoppingToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                isFirst = false;
                Suspend(true);
                Log.GuardFailed(_logger, _options.Root, e);
                await Task.Delay(_options.CheckPause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task GuardAsync(IFileChangeSource source, CancellationToken stoppingToken)
    {
        await foreach (FileChange change in source.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            if (change.Kind == FileChangeKind.Overflow)
            {
                await CheckAllAsync("too many at once", stoppingToken).ConfigureAwait(false);
            }
            else if (change.Kind is not (FileChangeKind.Deleted or FileChangeKind.MovedFrom))
            {
                See(change.Path!);
            }

            Seen?.Invoke();
        }
    }

    /// <summary>Looks at a file that changed, if it is still there.</summary>
    private void See(string path)
    {
        try
        {
            using LiveFile file = _volumes.Find(path);
            SeeTo(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is a folder, or gone: what is not there is not skipped.
        }
    }

    private bool SeeTo(LiveFile file)
    {
        FileIdentity identity = file.Identity!;
        foreach (SealedImage image in _images)
        {
            if (image.Decide(identity, hash: null, out SealEntry entry) == SealDecision.Changed)
            {
                _changed.Add(file.Location, entry);
                _changed.TakeMarkOff(file.Location);
                return true;
            }
        }

        return false;
    }

    /// <summary>Believes nothing until every file was looked at.</summary>
    private async Task CheckAllAsync(string reason, CancellationToken stoppingToken)
    {
        Log.SealSuspended(_logger, _options.Root, reason);
        Suspend(true);
        long start = _time.GetTimestamp();
        (long files, long changed) = await Task.Run(() => CheckAll(stoppingToken), CancellationToken.None).ConfigureAwait(false);
        Suspend(false);
        Log.SealResumed(_logger, _options.Root, files, changed);
        TimeSpan pause = _options.CheckPause - _time.GetElapsedTime(start);
        if (pause > TimeSpan.Zero)
        {
            // What changes meanwhile waits in the queue; if that runs over again, the next check finds it.
            await Task.Delay(pause, _time, stoppingToken).ConfigureAwait(false);
        }
    }

    private (long Files, long Changed) CheckAll(CancellationToken stoppingToken)
    {
        long files = 0;
        long changed = 0;
        foreach (LiveFile file in new LiveFileSource(_options.Root).EnumerateFiles(static _ => { }, stoppingToken))
        {
            using (file)
            {
                files++;
                try
                {
                    changed += SeeTo(file) ? 1 : 0;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It is gone meanwhile.
                }
            }
        }

        return (files, changed);
    }

    private void Suspend(bool isSuspended)
    {
        foreach (SealedImage image in _images)
        {
            image.IsSuspended = isSuspended;
        }
    }
}
