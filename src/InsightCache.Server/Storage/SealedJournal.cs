using System.Security.Cryptography;
using System.Text;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>A file of lines that are only ever added, each on disk before its call returns, and each sealed together with all lines before it. Not safe for concurrent use.</summary>
/// <remarks>A line that was cut by a crash is the last one, was never acknowledged, and is dropped; any other that does not fit its seal means that somebody has changed the file.</remarks>
internal sealed class SealedJournal : IDisposable
{
    private const int MaxLine = 1 << 16;

    private readonly string _path;
    private readonly ServerKey _key;
    private byte[] _previous = new byte[SHA256.HashSizeInBytes];
    private FileStream _file;

    private SealedJournal(string path, ServerKey key, FileStream file)
    {
        _path = path;
        _key = key;
        _file = file;
    }

    /// <summary>Opens a journal, and reads it back.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">What seals it.</param>
    /// <param name="lines">What it holds.</param>
    /// <exception cref="InvalidDataException">Somebody has changed the file, or it is another server's.</exception>
    public static SealedJournal Open(string path, ServerKey key, out List<string> lines)
    {
        FileStream file = OpenFile(path);
        SealedJournal journal = new(path, key, file);
        try
        {
            lines = journal.ReadBack();
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Adds a line.</summary>
    /// <param name="line">The line, without a line feed.</param>
    /// <exception cref="IOException">It is not on disk; the journal is as before.</exception>
    public void Append(string line)
    {
        byte[] seal = Seal(_previous, line);
        long end = _file.Length;
        try
        {
            _file.Position = end;
            _file.Write(Encoding.UTF8.GetBytes(Line(seal, line)));
            _file.Flush(flushToDisk: true);
            _previous = seal;
        }
        catch (IOException)
        {
            // Half a line in the middle of the file would be taken for a forgery.
            _file.SetLength(end);
            throw;
        }
    }

    /// <summary>Replaces all lines, since most of them say what no longer holds.</summary>
    /// <exception cref="IOException">The new file could not be written; the old one stands.</exception>
    public void Rewrite(IEnumerable<string> lines)
    {
        string unfinished = _path + ".new";
        byte[] previous = new byte[SHA256.HashSizeInBytes];
        using (FileStream file = new(unfinished, FileMode.Create, FileAccess.Write))
        {
            foreach (string line in lines)
            {
                previous = Seal(previous, line);
                file.Write(Encoding.UTF8.GetBytes(Line(previous, line)));
            }

            file.Flush(flushToDisk: true);
        }

        _file.Dispose();
        File.Move(unfinished, _path, overwrite: true);
        _file = OpenFile(_path);
        _previous = previous;
    }

    public void Dispose() => _file.Dispose();

    private static FileStream OpenFile(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    private static string Line(byte[] seal, string line) => Convert.ToHexStringLower(seal) + " " + line + "\n";

    private byte[] Seal(byte[] previous, string line)
    {
        using IncrementalHash seal = _key.BeginSeal();
        seal.AppendData(previous);
        seal.AppendData(Encoding.UTF8.GetBytes(line));
        return seal.GetHashAndReset();
    }

    private List<string> ReadBack()
    {
        List<string> lines = [];
        byte[] bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        int start = 0;
        for (int end; (end = bytes.AsSpan(start).IndexOf((byte)'\n')) >= 0; start += end + 1)
        {
            ReadOnlySpan<byte> line = bytes.AsSpan(start, end);
            int seal = 2 * SHA256.HashSizeInBytes;
            if (line.Length <= seal || line.Length > MaxLine)
            {
                throw Changed(lines.Count);
            }

            string text = Encoding.UTF8.GetString(line[(seal + 1)..]);
            byte[] expected = Seal(_previous, text);
            if (!line[..seal].SequenceEqual(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(expected))))
            {
                throw Changed(lines.Count);
            }

            _previous = expected;
            lines.Add(text);
        }

        _file.SetLength(start);
        return lines;
    }

    private InvalidDataException Changed(int line)
        => new($"{_path}: line {line + 1} does not fit its seal. The file was changed, or {nameof(ServerKey)} is another's; move the file away to start without it.");
}
