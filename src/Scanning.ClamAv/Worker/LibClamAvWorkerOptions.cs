namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>How worker processes are started. The values are read once, when the engine is made.</summary>
public sealed class LibClamAvWorkerOptions
{
    /// <summary>Gets or sets the program to start: one that calls <see cref="ClamAvWorker.Run"/> with its standard input and output.</summary>
    public required string FileName { get; set; }

    /// <summary>Gets the program's arguments.</summary>
    public IList<string> Arguments { get; } = [];

    /// <summary>Gets or sets how many workers there are at most, each of which scans one content at a time; from 1 to 256. Each has the definitions in its memory.</summary>
    /// <value>The default value is 1. Further callers wait.</value>
    public int MaxWorkers { get; set; } = 1;

    /// <summary>Gets or sets how long a worker may take to load the definitions; more than 0.</summary>
    /// <value>The default value is 5 minutes.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how long a scan may take before its worker is ended; more than 0. Longer than <see cref="LibClamAvOptions.MaxScanTime"/>, which ends better.</summary>
    /// <value>The default value is 5 minutes.</value>
    public TimeSpan ScanTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(FileName);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWorkers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxWorkers, 256);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StartTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ScanTimeout, TimeSpan.Zero);
    }
}
