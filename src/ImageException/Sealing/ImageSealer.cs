using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.ImageException;

/// <summary>Seals the files of a running system: scans them, marks the clean ones, and signs the catalogue. Nothing else should run on the image meanwhile.</summary>
/// <remarks>
/// <para>In this order, so that a run may be killed at any moment: scan; write the catalogue, signed but unfinished, with the identities from before the marks; mark each file
/// and take its new identity; put the finished seal in its place. A file is never marked that no catalogue covers, and an unfinished catalogue lets nothing be skipped. The next run goes on
/// from there: what was scanned and has not changed since is not scanned again.</para>
/// <para>What an earlier seal covers and did not change is carried over, mark and all, so that sealing again after a patch costs what the patch changed.</para>
/// </remarks>
public sealed class ImageSealer
{
    private readonly ImageSealerOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Initializes a new instance of the <see cref="ImageSealer"/> class.</summary>
    /// <param name="options">How to seal; not changed afterwards.</param>
    /// <param name="time">The clock; the system's if <see langword="null"/>.</param>
    public ImageSealer(ImageSealerOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.CheckpointInterval, TimeSpan.Zero);
        (_options, _time) = (options, time ?? TimeProvider.System);
    }

    private string Checkpoint => SealPlace.CheckpointOf(_options.SealPath);

    /// <summary>Seals.</summary>
    /// <param name="cancellationToken">Ends the work; what was done so far is kept for the next run.</param>
    /// <returns>What it came to.</returns>
    /// <exception cref="OperationCanceledException">The work was ended.</exception>
    /// <exception cref="IOException">The folder cannot be listed, the seal not be written, or another run seals the image just now.</exception>
    public async Task<SealOutcome> SealAsync(CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(_options.SealPath))!);
        using IDisposable held = SealingLock.Take(_options.SealPath);
        using EarlierSeals earlier = new(_options.SealPath, _options.Key, _time);
        SealBuilder builder = new(Path.GetFullPath(_options.Root), earlier.Seals);
        (Guid ImageId, long Number) lineage = builder.NewLineage();
        ScanSummary summary = await ScanAsync(builder, earlier, lineage, cancellationToken).ConfigureAwait(false);

        // A clock may stand still for some milliseconds: whatever was written while it did is older by now than any mark.
        await Task.Delay(FileMarker.ClockTick, _time, CancellationToken.None).ConfigureAwait(false);
        builder.AssignNumbers();
        SaveCheckpoint(builder, lineage);
        FileMarker marker = new(builder, lineage, _options.WriteMarks);
        await Task.Run(() => Mark(marker, builder, lineage, cancellationToken), CancellationToken.None).ConfigureAwait(false);

        builder.WriteAs(_options.SealPath, _options.Key, FinalFlags(marker), lineage, _time.GetUtcNow());
        Guid id;
        using (Seal written = Seal.Open(_options.SealPath, SealTrust.In(_options.Key.PublicKey), _time))
        {
            id = written.Id;
        }

        File.Delete(Checkpoint);
        return new SealOutcome
        {
            SealId = id,
            ImageId = lineage.ImageId,
            Number = lineage.Number,
            Sealed = builder.Records.Count(static record => !record.IsVoid),
            CarriedOver = builder.CarriedOver,
            MarksWritten = marker.Written,
            MarksRemoved = marker.Removed,
            WhyNoMarks = marker.WhyNoMarks,
            EarlierRefused = earlier.Refused,
            UnsealedCount = builder.UnsealedCount,
            Unsealed = builder.Unsealed,
            Scan = summary,
        };
    }

    private async Task<ScanSummary> ScanAsync(SealBuilder builder, EarlierSeals earlier, (Guid, long) lineage, CancellationToken cancellationToken)
    {
        ScanSessionOptions session = new()
        {
            Trigger = ScanTrigger.AdministratorDefined,
            Policy = new ScanPolicy { VirtualImages = new VirtualImagesPolicy { OnDemand = true } },
            MaxConcurrency = _options.MaxConcurrency,
            SealSinks = { builder, new CheckpointReport(_options.CheckpointInterval, _time, () => SaveCheckpoint(builder, lineage, isListing: true)) },
            Progress = _options.Progress is { } progress ? new ScanAsPhase(SealPhase.Scanning, progress) : null,
        };
        foreach (IScanReport report in _options.Reports)
        {
            session.Reports.Add(report);
        }

        foreach (IScanExemption exemption in _options.ScanAll ? [] : earlier.Exemptions)
        {
            session.Exemptions.Add(exemption);
        }

        try
        {
            return await new ScanSession(_options.Engine ?? new HashingEngine(), session, _time).RunAsync(Source(), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            SaveCheckpoint(builder, lineage, isListing: true);
            throw;
        }
    }

    private void Mark(FileMarker marker, SealBuilder builder, (Guid, long) lineage, CancellationToken cancellationToken)
    {
        long files = 0;
        long saved = _time.GetTimestamp();
        long told = saved;
        try
        {
            foreach (LiveFile file in Source().EnumerateFiles(static _ => { }, cancellationToken))
            {
                using (file)
                {
                    marker.Take(file);
                }

                files++;
                if (_time.GetElapsedTime(saved) > _options.CheckpointInterval)
                {
                    SaveCheckpoint(builder, lineage);
                    saved = _time.GetTimestamp();
                }

                if (_time.GetElapsedTime(told) > TimeSpan.FromMilliseconds(200))
                {
                    _options.Progress?.Report(new SealProgress(SealPhase.Marking, files, builder.Count, file.Location));
                    told = _time.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException)
        {
            SaveCheckpoint(builder, lineage);
            throw;
        }

        marker.WithdrawWhatIsGone();
    }

    private LiveFileSource Source()
    {
        LiveFileOptions files = new();
        foreach (string path in SealPlace.FilesOf(_options.SealPath).Concat(_options.Excluded))
        {
            files.Excluded.Add(path);
        }

        return new LiveFileSource(_options.Root, files);
    }

    private void SaveCheckpoint(SealBuilder builder, (Guid, long) lineage, bool isListing = false)
        => builder.WriteAs(Checkpoint, _options.Key, SealFlags.Unfinished | ScanFlags, lineage, _time.GetUtcNow(), isListing);

    private SealFlags ScanFlags => _options.Engine is null ? SealFlags.ScanSkipped : SealFlags.None;

    private SealFlags FinalFlags(FileMarker marker) => ScanFlags | (marker.WhyNoMarks is null ? SealFlags.Marked : SealFlags.None);
}
