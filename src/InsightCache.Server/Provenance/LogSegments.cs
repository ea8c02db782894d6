using System.Globalization;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>The files of a log, oldest first; the oldest goes when there is no more room. Not safe for concurrent use.</summary>
internal sealed class LogSegments : IDisposable
{
    private const int Segments = 16;
    private const string Pattern = "*.log";

    private readonly string _folder;
    private readonly long _segmentLimit;
    private LogFile _current;

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

    /// <summary>Gets how many bytes are worth a call before their time.</summary>
    public int Enough => (int)Math.Min(_current.Enough, _segmentLimit);

    /// <summary>Tells how long the file will be when so many bytes more are written.</summary>
    public long EndAfter(int length) => HasRoom(length) ? _current.Length + length : length;

    /// <summary>Adds whole records; readers see them when this returns.</summary>
    /// <exception cref="IOException">The disk does not take them; then it has none of them.</exception>
    public void Write(ReadOnlySpan<byte> records)
    {
        if (!HasRoom(records.Length))
        {
            // In this order, a disk that has no room for a file leaves one that can be written to when it has.
            LogFile next = Next();
            _current.Dispose();
            _current = next;
        }

        _current.Write(records);
    }

    public void Dispose() => _current.Dispose();

    private bool HasRoom(int length) => _current.Length == 0 || _current.Length + length <= _segmentLimit;

    private LogFile Next()
    {
        IReadOnlyList<string> files = Files;
        foreach (string old in files.Take(files.Count - Segments + 2))
        {
            File.Delete(old);
        }

        long number = files.Count == 0 ? 1 : 1 + long.Parse(Path.GetFileNameWithoutExtension(files[^1]), NumberStyles.None, CultureInfo.InvariantCulture);
        string name = Path.Combine(_folder, number.ToString("d12", CultureInfo.InvariantCulture) + ".log");
        return new LogFile(name);
    }
}
