using System.Text.Json;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>A line of JSON for each content, problem and turn of a scan: the ledger entry by entry, to follow while the scan runs and to search afterwards.</summary>
/// <remarks>
/// Each line is an object whose member <c>entry</c> says what it is: <c>begin</c>, <c>result</c>, <c>problem</c> or <c>end</c>. A scan that was killed leaves
/// the lines up to then.
/// </remarks>
public sealed class JsonLinesReport : IScanReport, IDisposable
{
    private readonly string _path;
    private FileStream? _file;
    private Utf8JsonWriter? _json;

    /// <summary>Initializes a new instance of the <see cref="JsonLinesReport"/> class.</summary>
    /// <param name="path">The file, which is replaced if it is there.</param>
    public JsonLinesReport(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
    }

    /// <summary>Finds the entries of a content in a file of lines: why it was scanned or skipped, by whom, and what came of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="location">The content's location as the file spells it, or an end of it that begins behind a <c>/</c>.</param>
    /// <returns>The entries, as they stand in the file.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<JsonElement> Explain(string path, string location)
    {
        ArgumentException.ThrowIfNullOrEmpty(location);
        foreach (string line in File.ReadLines(path))
        {
            if (TryParse(line) is { } entry && Names(entry).Any(name => IsMeant(name, location)))
            {
                yield return entry;
            }
        }
    }

    /// <inheritdoc/>
    public void Start(ScanRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _file = new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 64 << 10);
        _json = new Utf8JsonWriter(_file, ResultJson.Options(indented: false));
        Write("begin", json =>
        {
            json.WriteNumber("version", ResultJson.Version);
            ResultJson.WriteRun(json, run);
        });
    }

    /// <inheritdoc/>
    public void Add(ScanResult result) => Write("result", json => ResultJson.WriteResult(json, result));

    /// <inheritdoc/>
    public void Add(ScanProblem problem) => Write("problem", json => ResultJson.WriteProblem(json, problem));

    /// <inheritdoc/>
    public void Finish(ScanSummary summary)
    {
        Write("end", json => ResultJson.WriteSummary(json, summary));
        _file!.Flush(flushToDisk: true);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file?.Dispose();

    private void Write(string entry, Action<Utf8JsonWriter> write)
    {
        Utf8JsonWriter json = _json ?? throw new InvalidOperationException("The scan has not begun.");
        json.WriteStartObject();
        json.WriteString("entry", entry);
        write(json);
        json.WriteEndObject();
        json.Flush();
        json.Reset();
        _file!.WriteByte((byte)'\n');
    }

    private static JsonElement? TryParse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            // The last line of a scan that was killed may be cut.
            return null;
        }
    }

    private static IEnumerable<string> Names(JsonElement entry)
    {
        if (entry.TryGetProperty("location", out JsonElement location) && location.ValueKind == JsonValueKind.String)
        {
            yield return location.GetString()!;
        }

        if (entry.TryGetProperty("otherLocations", out JsonElement others) && others.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement other in others.EnumerateArray().Where(static other => other.ValueKind == JsonValueKind.String))
            {
                yield return other.GetString()!;
            }
        }
    }

    private static bool IsMeant(string name, string location)
        => name == location || (name.Length > location.Length && name.EndsWith(location, StringComparison.Ordinal)
            && (location[0] == '/' || name[name.Length - location.Length - 1] == '/'));
}
