namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Takes reports on their way: to the manager, to a file, to a log.</summary>
public interface ITagReporter
{
    /// <summary>Delivers a report. What is thrown is logged, and the report is made anew at the next check.</summary>
    /// <param name="report">The report.</param>
    /// <param name="cancellationToken">Ends the delivery.</param>
    /// <returns>A task that ends with the delivery.</returns>
    ValueTask ReportAsync(TagReport report, CancellationToken cancellationToken);
}
