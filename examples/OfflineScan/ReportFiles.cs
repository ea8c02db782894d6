using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Examples.OfflineScan;

/// <summary>The reports that go to files; closed together.</summary>
internal sealed class ReportFiles : IDisposable
{
    private readonly List<IDisposable> _open = [];
    private readonly List<IScanReport> _reports = [];

    public ReportFiles(OfflineScanArguments arguments)
    {
        foreach (string path in arguments.Reports)
        {
            if (path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase))
            {
                Add(new JsonLinesReport(path));
            }
            else
            {
                Add(new JsonReport(path, arguments.ListAll));
            }
        }

        if (arguments.Log is { } log)
        {
            StreamWriter writer = new(log, append: true) { AutoFlush = true };
            _open.Add(writer);
            _reports.Add(new TextReport(writer, arguments.ListAll));
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
