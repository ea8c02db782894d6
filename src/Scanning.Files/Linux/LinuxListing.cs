using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>Lists the files of a running Linux, in the same order each time, by the bytes of their names.</summary>
/// <remarks>
/// Most of the time goes into asking the kernel what each name is. Folders that come next are therefore listed ahead, on other processors, while the caller does something with the files of
/// this one.
/// </remarks>
internal sealed unsafe class LinuxListing(Exclusions excluded, bool crossVolumes, Action<ScanProblem> onProblem)
{
    /// <summary>How many of the folders that come next are looked at.</summary>
    private const int Ahead = 8;

    /// <summary>How many folders are listed ahead at most, those that others have come before included: each holds a part of its names, and may be open.</summary>
    private const int MaxAhead = 64;

    private readonly LinuxVolumes _volumes = new();
    private readonly List<LinuxFolder> _folders = [];
    private int _ahead;

    /// <summary>Lists a folder with everything below it, or one file.</summary>
    public IEnumerable<LiveFile> Enumerate(string path, CancellationToken cancellationToken)
    {
        byte[] root = ToBytes(RealPath(path));
        Statx status = StatusOf(root, path);
        if (status.IsFile)
        {
            yield return LinuxFile.Find(Encoding.UTF8.GetString(root.AsSpan(..^1)), _volumes);
            yield break;
        }

        if (!status.IsFolder)
        {
            throw new IOException($"{PrintableText.Escape(path)} is neither a file nor a folder");
        }

        ulong? volume = crossVolumes ? null : status.Device;
        _folders.Add(new LinuxFolder(root, excluded, _volumes, volume, isRoot: true));
        try
        {
            while (_folders.Count > 0)
            {
                using LinuxFolder folder = Pop();
                FolderPart part;
                do
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    part = folder.Next();
                    part.Problems.ForEach(onProblem);
                    _folders.AddRange(part.Folders.Select(name => new LinuxFolder(name, excluded, _volumes, volume, isRoot: false)));
                    LookAhead();
                    foreach (LinuxFile file in part.Files)
                    {
                        yield return file;
                    }
                }
                while (!part.IsLast);
            }
        }
        finally
        {
            _folders.ForEach(static folder => folder.Dispose());
        }
    }

    /// <summary>Makes the bytes of a path, with the zero at its end that the calls need.</summary>
    public static byte[] ToBytes(string path)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(path.Contains('\0', StringComparison.Ordinal), false, nameof(path));
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        return bytes;
    }

    /// <exception cref="IOException">It cannot be told.</exception>
    public static Statx StatusOf(byte[] path, string shown)
    {
        fixed (byte* p = path)
        {
            Statx status;
            return LinuxCalls.Statx(LinuxCalls.CurrentDirectory, p, Statx.OfTheNameItself, Statx.Wanted, &status) == 0
                ? status
                : throw LinuxErrors.Last(PrintableText.Escape(shown));
        }
    }

    /// <exception cref="IOException">It cannot be told.</exception>
    public static Statx StatusOf(int file)
    {
        byte empty = 0;
        Statx status;
        return LinuxCalls.Statx(file, &empty, Statx.OfTheDescriptor, Statx.Wanted, &status) == 0 ? status : throw LinuxErrors.Last("it cannot be asked about");
    }

    /// <summary>Follows the links of the path that somebody named, so that none is met below it.</summary>
    private static string RealPath(string path)
    {
        FileSystemInfo named = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return named.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
    }

    private LinuxFolder Pop()
    {
        LinuxFolder folder = _folders[^1];
        _folders.RemoveAt(_folders.Count - 1);
        _ahead -= folder.IsAhead ? 1 : 0;
        return folder;
    }

    private void LookAhead()
    {
        if (Environment.ProcessorCount == 1)
        {
            return;
        }

        for (int i = _folders.Count - 1; i >= Math.Max(0, _folders.Count - Ahead) && _ahead < MaxAhead; i--)
        {
            if (!_folders[i].IsAhead)
            {
                _folders[i].Start();
                _ahead++;
            }
        }
    }
}
