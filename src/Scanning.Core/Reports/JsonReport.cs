using System.Text.Json;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>One JSON document about a scan, in a file that appears when the scan has ended.</summary>
public sealed class JsonReport : IScanReport, IDisposable
{
    /// <summary>A damaged image has as many problems as its maker likes; the rest is counted.</summary>
    private const int MaxProblems = 10_000;

    private readonly string _path;
    private readonly bool _includeClean;
    private readonly List<ScanProblem> _problems = [];
    private ReportFile? _file;
    private Utf8JsonWriter? _json;

    /// <summary>Initializes a new instance of the <see cref="JsonReport"/> class.</summary>
    /// <param name="path">The file, which is replaced if it is there.</param>
    /// <param name="includeClean"><see langword="true"/> to list every content; otherwise those that are infected or were not scanned to their end.</param>
    public JsonReport(string path, bool includeClean = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        _includeClean = includeClean;
    }

    private Utf8JsonWriter Json => _json ?? throw new InvalidOperationException("The scan has not begun.");

    /// <inheritdoc/>
    public void Start(ScanRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _file = new ReportFile(_path);
        _json = new Utf8JsonWriter(_file.Stream, ResultJson.Options(indented: true));
        _json.WriteStartObject();
        _json.WriteString("report", "symantec-virtualization-scan");
        _json.WriteNumber("version", ResultJson.Version);
        ResultJson.WriteRun(_json, run);
        _json.WriteStartArray("results");
    }

    /// <inheritdoc/>
    public void Add(ScanResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (!_includeClean && !result.IsNotable)
        {
            return;
        }

        Json.WriteStartObject();
        ResultJson.WriteResult(Json, result);
        Json.WriteEndObject();
        if (Json.BytesPending > 32 << 10)
        {
            Json.Flush();
        }
    }

    /// <inheritdoc/>
    public void Add(ScanProblem problem)
    {
        if (_problems.Count < MaxProblems)
        {
            _problems.Add(problem);
        }
    }

    /// <inheritdoc/>
    public void Finish(ScanSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        Json.WriteEndArray();
        Json.WriteStartArray("problems");
        foreach (ScanProblem problem in _problems)
        {
            Json.WriteStartObject();
            ResultJson.WriteProblem(Json, problem);
            Json.WriteEndObject();
        }

        Json.WriteEndArray();
        Json.WriteStartObject("summary");
        ResultJson.WriteSummary(Json, summary);
        Json.WriteEndObject();
        Json.WriteEndObject();
        Json.Flush();
        _file!.Complete();
    }

    /// <summary>Closes the report; one that has not ended leaves no file.</summary>
    public void Dispose()
    {
        // The writer is not disposed: that would write its rest into a file that is closed or about to go.
        _file?.Dispose();
    }
}
