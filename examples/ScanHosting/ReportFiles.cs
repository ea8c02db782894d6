using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>The reports that go to files; closed together.</summary>
public sealed class ReportFiles : IDisposable
{
    private readonly List<IDisposable> _open = [];
    private readonly List<IScanReport> _reports = [];

    /// <summary>Initializes a new instance of the <see cref="ReportFiles"/> class.</summary>
    /// <param name="reports">The reports, each of the kind that its name ends in.</param>
    /// <param name="log">The log that lines are added to, if any.</param>
    /// <param name="listAll">Whether everything is listed, and not only what is notable.</param>
    public ReportFiles(IEnumerable<string> reports, string? log, bool listAll)
    {
        ArgumentNullException.ThrowIfNull(reports);
        foreach (string path in reports)
        {
            if (path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase))
            {
                Add(new JsonLinesReport(path));
            }
            else
            {
                Add(new JsonReport(path, listAll));
            }
        }

        if (log is not null)
        {
            StreamWriter writer = new(log, append: true) { AutoFlush = true };
            _open.Add(writer);
            _reports.Add(new TextReport(writer, listAll));
        }
    }

    public IReadOnlyList<IScanReport> All => _reports;

    public void Dispose() => _open.ForEach(static report => report.Dispose());

    private void Add<T>(T report)
        where T : IScanReport, IDisposable
    {
        _open.Add(report);
        _reports.Add(report);
    }
}
