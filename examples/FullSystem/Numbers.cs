namespace Symantec.Virtualization.Examples.FullSystem;

/// <summary>What the story came to, for whoever checks it.</summary>
internal sealed class Numbers
{
    /// <summary>Gets or sets a value indicating whether the cache answered within its time; on a machine that is busy it may not, and then everything that is not sealed is scanned.</summary>
    public bool CacheAnswered { get; set; }

    public int Sealed { get; set; }

    public long Enrolled { get; set; }

    public DesktopScan? FirstScan { get; set; }

    public DesktopScan? SecondScan { get; set; }

    public DesktopScan? AfterChange { get; set; }

    public DesktopScan? AfterUpdate { get; set; }

    public DesktopScan? WithOldestDefinitions { get; set; }

    public DesktopScan? AfterRecall { get; set; }

    public IReadOnlyList<string> Relied { get; set; } = [];

    public long OfflineInfected { get; set; }

    public int Detections { get; set; }

    public long Saved { get; set; }
}
