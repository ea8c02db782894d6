using System.ComponentModel.DataAnnotations;

namespace Symantec.Virtualization.Scanning.Core;

/// <summary>How a session scans. Set up before the session is made, and not changed afterwards.</summary>
public sealed class ScanSessionOptions
{
    /// <summary>The most contents that are read at once.</summary>
    public const int MaxMaxConcurrency = 256;

    /// <summary>Gets the longest time that an option takes: a day.</summary>
    public static TimeSpan MaxTime { get; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets why the scan runs.</summary>
    /// <value>The default value is <see cref="ScanTrigger.Manual"/>.</value>
    public ScanTrigger Trigger { get; set; } = ScanTrigger.Manual;

    /// <summary>Gets or sets the policy in force.</summary>
    /// <value>The default policy lets no exemption serve.</value>
    public ScanPolicy Policy { get; set; } = new();

    /// <summary>Gets or sets how many contents are hashed and scanned at once.</summary>
    /// <value>The default value is the number of processors.</value>
    [Range(1, MaxMaxConcurrency)]
    public int MaxConcurrency { get; set; } = Math.Min(MaxMaxConcurrency, Environment.ProcessorCount);

    /// <summary>Gets or sets a value indicating whether every content is hashed, and not only where an exemption or a seal needs it.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool HashContents { get; set; }

    /// <summary>Gets the exemptions, asked in this order as far as the policy lets them serve.</summary>
    public IList<IScanExemption> Exemptions { get; } = [];

    /// <summary>Gets or sets how long an exemption may take to answer a batch, or to be told of one. What it has not answered by then is scanned.</summary>
    /// <value>The default value is 30 seconds.</value>
    public TimeSpan ExemptionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets what remembers the hashes of unchanged files.</summary>
    public IHashMemo? HashMemo { get; set; }

    /// <summary>Gets what seals are made from. They are reports, and make the session hash every content that is scanned.</summary>
    public IList<ISealSink> SealSinks { get; } = [];

    /// <summary>Gets the reports.</summary>
    public IList<IScanReport> Reports { get; } = [];

    /// <summary>Gets or sets what is told how far the scan has come.</summary>
    public IProgress<ScanProgress>? Progress { get; set; }

    /// <summary>Gets or sets how often it is told.</summary>
    /// <value>The default value is 200 milliseconds.</value>
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(200);
}
