using System.Globalization;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>A report for people, line by line: findings while the scan runs, the sums when it ends.</summary>
public sealed class TextReport : IScanReport
{
    private readonly TextWriter _writer;
    private readonly bool _includeClean;

    /// <summary>Initializes a new instance of the <see cref="TextReport"/> class.</summary>
    /// <param name="writer">Where the lines go; the caller owns it.</param>
    /// <param name="includeClean"><see langword="true"/> to list every content; otherwise those that are infected or were not scanned to their end.</param>
    public TextReport(TextWriter writer, bool includeClean = false)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
        _includeClean = includeClean;
    }

    /// <summary>Says in one line how a content turned out.</summary>
    /// <param name="result">The result.</param>
    /// <returns><c>disk.vmdk!/p1/a.com: Eicar-Test-Signature FOUND</c>, safe to show.</returns>
    public static string Line(ScanResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string outcome = result.Verdict switch
        {
            null => $"skipped by {result.By}: {result.Why}",
            { Kind: VerdictKind.Clean } => "OK",
            { Kind: VerdictKind.Infected } verdict => $"{verdict.Detail} FOUND",
            { Kind: VerdictKind.Incomplete } verdict => $"not scanned to its end: {verdict.Detail}",
            { } verdict => $"could not be scanned: {verdict.Detail}",
        };
        return PrintableText.Escape($"{result.Location}: {outcome}");
    }

    /// <summary>Says in one line what could not be listed or read.</summary>
    /// <param name="problem">The problem.</param>
    /// <returns>The line, safe to show.</returns>
    public static string Line(ScanProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return PrintableText.Escape($"{problem.Location}: ERROR: {problem.Message}");
    }

    /// <inheritdoc/>
    public void Start(ScanRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        DefinitionSet definitions = run.Scope.Definitions;
        _writer.WriteLine(PrintableText.Escape(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Scope.Engine}, definitions {definitions.Version} from {definitions.Source}: {definitions.SignatureCount:N0} signatures")));
    }

    /// <inheritdoc/>
    public void Add(ScanResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (_includeClean || result.IsNotable)
        {
            _writer.WriteLine(Line(result));
        }
    }

    /// <inheritdoc/>
    public void Add(ScanProblem problem) => _writer.WriteLine(Line(problem));

    /// <inheritdoc/>
    public void Finish(ScanSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        _writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Contents:N0} contents, {summary.Bytes:N0} bytes: {summary.Infected:N0} infected, {summary.Incomplete:N0} not scanned to their end, {summary.Failed:N0} failed, {summary.Skipped:N0} skipped; {summary.Problems:N0} problems; {summary.Elapsed.TotalSeconds:N1} s"));
        if (summary.Skipped > 0)
        {
            _writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"Skipping saved reading {summary.BytesSaved:N0} bytes, and {summary.TimeSaved.TotalSeconds:N1} s of work."));
        }

        if (summary.Cancelled)
        {
            _writer.WriteLine("The scan was cancelled before it was through.");
        }
    }
}
