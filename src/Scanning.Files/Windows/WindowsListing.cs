using System.IO.Enumeration;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>Lists the files of a running Windows.</summary>
internal sealed class WindowsListing(Exclusions excluded, bool crossVolumes, Action<ScanProblem> onProblem)
{
    private readonly WindowsVolumes _volumes = new();
    private readonly Stack<string> _folders = new();

    /// <summary>Lists a folder with everything below it, or one file.</summary>
    public IEnumerable<LiveFile> Enumerate(string path, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
        {
            yield return new WindowsFile(path, _volumes);
            yield break;
        }

        _folders.Push(path);
        while (_folders.TryPop(out string? folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using IEnumerator<WindowsFile?> files = EntriesOf(folder).GetEnumerator();
            while (Advance(files, folder))
            {
                if (files.Current is { } file)
                {
                    yield return file;
                }
            }
        }
    }

    private bool Advance(IEnumerator<WindowsFile?> files, string folder)
    {
        try
        {
            return files.MoveNext();
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            onProblem(new ScanProblem(folder, e.Message));
            return false;
        }
    }

    private FileSystemEnumerable<WindowsFile?> EntriesOf(string folder)
        => new(folder, Take, new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false });

    private WindowsFile? Take(ref FileSystemEntry entry)
    {
        string path = entry.ToFullPath();
        if (excluded.Any && excluded.Contains(path))
        {
            return null;
        }

        bool isLink = (entry.Attributes & FileAttributes.ReparsePoint) != 0 && LeadsElsewhere(path, entry.IsDirectory);
        if (entry.IsDirectory)
        {
            if (!isLink)
            {
                _folders.Push(path);
            }

            return null;
        }

        // A file that is compressed or deduplicated is a reparse point as well, and is read like any other.
        return isLink ? null : new WindowsFile(path, entry.Length, entry.Attributes, _volumes);
    }

    /// <summary>Tells whether a reparse point is a link or a mounted volume.</summary>
    private bool LeadsElsewhere(string path, bool isFolder)
    {
        FileSystemInfo info = isFolder ? new DirectoryInfo(path) : new FileInfo(path);
        string? target = info.LinkTarget;
        bool isVolume = target is not null && target.Contains("Volume{", StringComparison.OrdinalIgnoreCase);
        return isVolume ? !crossVolumes : target is not null;
    }
}
