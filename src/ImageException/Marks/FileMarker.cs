using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.ImageException;

/// <summary>Marks the files that are to be sealed, and takes their identities as the marks leave them.</summary>
internal sealed class FileMarker(SealBuilder builder, (Guid ImageId, long Number) lineage, bool writeMarks)
{
    /// <summary>Longer than any kernel's clock of files stands still.</summary>
    public static readonly TimeSpan ClockTick = TimeSpan.FromMilliseconds(50);

    private readonly HashSet<SealRecord> _seen = [];

    /// <summary>Gets how many marks were written.</summary>
    public long Written { get; private set; }

    /// <summary>Gets how many marks were taken off files that are not to be sealed.</summary>
    public long Removed { get; private set; }

    /// <summary>Gets why there are no marks; <see langword="null"/> if there are.</summary>
    public string? WhyNoMarks { get; private set; } = writeMarks ? null : "none were asked for";

    /// <summary>Marks a file, if it is to be sealed and is still the one that was scanned.</summary>
    public void Take(LiveFile file)
    {
        SealRecord? record = null;
        try
        {
            FileIdentity identity = file.Identity!;
            record = builder.Find(identity);
            if (record is null or { IsVoid: true })
            {
                TakeOff(file);
            }
            else if (_seen.Add(record))
            {
                if (identity != record.Identity)
                {
                    builder.Withdraw(record, "it changed while the image was sealed");
                    TakeOff(file);
                }
                else if (!record.IsMarked && WhyNoMarks is null)
                {
                    Mark(file, record);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (record is not null)
            {
                builder.Withdraw(record, e.Message);
            }
        }
    }

    /// <summary>Withdraws the files that were scanned and not met again.</summary>
    public void WithdrawWhatIsGone()
    {
        foreach (SealRecord record in builder.Records)
        {
            if (!record.IsVoid && !_seen.Contains(record))
            {
                builder.Withdraw(record, "it vanished while the image was sealed");
            }
        }
    }

    private void Mark(LiveFile file, SealRecord record)
    {
        Span<byte> value = stackalloc byte[ImageException.Mark.Size];
        new ImageException.Mark(lineage.ImageId, builder.NumberOf(record), lineage.Number).Write(value);

        // Opened before it is looked at the last time: what is marked is what was looked at.
        using LiveFile opened = file;
        _ = opened.FileHandle;
        if (opened.Identity != record.Identity)
        {
            builder.Withdraw(record, "it changed while the image was sealed");
            return;
        }

        try
        {
            opened.Attributes!.Write(ImageException.Mark.Name, value);
        }
        catch (NotSupportedException e)
        {
            WhyNoMarks = e.Message;
            return;
        }

        FileIdentity marked = opened.Identity!;
        if (marked with { Changed = record.Identity.Changed, LastUsn = record.Identity.LastUsn } != record.Identity)
        {
            builder.Withdraw(record, "it changed while it was marked");
            return;
        }

        record.Identity = marked;
        record.IsMarked = true;
        Written++;
    }

    private void TakeOff(LiveFile file)
    {
        if (file.Attributes?.Remove(ImageException.Mark.Name) is true)
        {
            Removed++;
        }
    }
}
