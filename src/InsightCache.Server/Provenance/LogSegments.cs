using System.Globalization;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The files of a log, oldest first; the oldest goes when there is no more room. Not safe for concurrent use.</summary>
internal sealed class LogSegments : IDisposable
{
    private const int Segments = 16;
    private const string Pattern = "*.log";

    private readonly string _folder;
    private readonly long _segmentLimit;
    private FileStream _current;

    /// <summary>Opens the log of a folder.</summary>
    /// <param name="folder">The folder, made if it is not there.</param>
    /// <param name="limit">The bytes that all files together may take.</param>
    public LogSegments(string folder, long limit)
    {
        _folder = folder;
        _segmentLimit = Math.Max(limit / Segments, LogRecord.MaxSize);
        Directory.CreateDirectory(folder);
        _current = Next();
    }

    /// <summary>Gets the files, oldest first.</summary>
    public IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(_folder, Pattern).Order(StringComparer.Ordinal)];

    /// <summary>Adds whole records; readers see them when this returns.</summary>
    /// <remarks>A disk that takes only some of them leaves half a record, behind which nobody would read on: the file then ends before.</remarks>
    public void Write(ReadOnlySpan<byte> records)
    {
        if (_current.Length > 0 && _current.Length + records.Length > _segmentLimit)
        {
            // In this order, a disk that has no room for a file leaves one that can be written to when it has.
            FileStream next = Next();
            _current.Dispose();
            _current = next;
        }

        long end = _current.Length;
        try
        {
            _current.Write(records);
        }
        catch (IOException)
        {
            _current.SetLength(end);
            _current.Position = end;
            throw;
        }
    }

    public void Dispose() => _current.Dispose();

    private FileStream Next()
    {
        IReadOnlyList<string> files = Files;
        foreach (string old in files.Take(files.Count - Segments + 2))
        {
            File.Delete(old);
        }

        long number = files.Count == 0 ? 1 : 1 + long.Parse(Path.GetFileNameWithoutExtension(files[^1]), NumberStyles.None, CultureInfo.InvariantCulture);
        string name = Path.Combine(_folder, number.ToString("d12", CultureInfo.InvariantCulture) + ".log");
        return new FileStream(name, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }
}
