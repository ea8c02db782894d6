using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Files;

namespace Symantec.Virtualization.ImageException;

/// <summary>Sealed files that were met changed, and are to lose their marks once they are scanned: to take a mark off moves a file's time of change, as if somebody had written to it meanwhile.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class ChangedFiles(ILogger logger)
{
    /// <summary>More than these lose their marks at once.</summary>
    private const int MaxWaiting = 10_000;

    private readonly ConcurrentDictionary<string, (int Entry, bool IsMarked)> _waiting = new(StringComparer.Ordinal);

    /// <summary>A file was met changed.</summary>
    public void Add(string location, SealEntry entry)
    {
        _waiting[location] = (entry.Number, entry.IsMarked);
        if (_waiting.Count > MaxWaiting)
        {
            TakeAllMarksOff();
        }
    }

    /// <summary>Takes the mark off a file, if it is one of those.</summary>
    public void TakeMarkOff(string location)
    {
        if (!_waiting.TryRemove(location, out (int Entry, bool IsMarked) changed))
        {
            return;
        }

        string shown = PrintableText.Escape(location);
        try
        {
            using LiveFile? file = changed.IsMarked ? LiveFile.Find(location) : null;
            bool removed = file?.Attributes?.Remove(Mark.Name) is true;
            Log.SealedFileChanged(logger, shown, changed.Entry, removed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // It costs nothing: the seal does not match the file any more.
            Log.MarkNotRemoved(logger, shown, e.Message);
        }
    }

    /// <summary>Takes the marks off all that wait.</summary>
    public void TakeAllMarksOff()
    {
        foreach (string location in _waiting.Keys)
        {
            TakeMarkOff(location);
        }
    }
}
