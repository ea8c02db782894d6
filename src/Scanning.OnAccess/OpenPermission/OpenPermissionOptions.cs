using System.ComponentModel.DataAnnotations;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>What a gate stands before.</summary>
public enum OpenPermissionScope
{
    /// <summary>The whole file system that the path is on, by whatever mount it is reached: bind mounts and containers do not lead around the gate.</summary>
    FileSystem,

    /// <summary>The mount that the path is on, and no other mount of the same file system.</summary>
    Mount,
}

/// <summary>How a gate decides who may open what. The values are read once, when it is opened.</summary>
public sealed class OpenPermissionOptions
{
    private const int LargestConcurrency = 256;
    private const int LargestQueue = 1 << 16;

    /// <summary>Gets or sets what the gate stands before.</summary>
    /// <value>The default value is <see cref="OpenPermissionScope.FileSystem"/>.</value>
    public OpenPermissionScope Scope { get; set; }

    /// <summary>Gets or sets a value indicating whether only the execution of programs is asked for. Libraries and scripts that a program reads are not executed in this sense.</summary>
    /// <value>The default value is <see langword="false"/>: every regular file that is opened, for whatever purpose.</value>
    public bool ExecutionsOnly { get; set; }

    /// <summary>Gets or sets how many decisions are made at once, from 1 to 256.</summary>
    /// <value>The default value is 4.</value>
    [Range(1, LargestConcurrency)]
    public int MaxConcurrency { get; set; } = 4;

    /// <summary>
    /// Gets or sets how many openers may wait for their decision to begin, from 1 to 65,536; those beyond get <see cref="OnFailure"/> at once. Each takes a file
    /// descriptor of this process.
    /// </summary>
    /// <value>The default value is 4,096.</value>
    [Range(1, LargestQueue)]
    public int QueueCapacity { get; set; } = 4_096;

    /// <summary>Gets or sets how long an opener waits at most, from 1 millisecond to 1 hour, the time before its decision begins included.</summary>
    /// <value>The default value is 30 seconds.</value>
    public TimeSpan DecisionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the answer where no decision was made: the handler threw or took too long, too many wait, or the gate is being disposed.</summary>
    /// <value>
    /// The default value is <see cref="OpenDecision.Allow"/>, with a warning in the log: a machine whose every program stops because its scanner is ill helps nobody.
    /// <see cref="OpenDecision.Deny"/> is for machines where that is the lesser evil.
    /// </value>
    public OpenDecision OnFailure { get; set; } = OpenDecision.Allow;

    /// <summary>
    /// Gets or sets a value indicating whether the kernel remembers a file that was allowed, and asks no more until the file is written or
    /// <see cref="OpenPermissionGate.ForgetAllowed"/> is called. Needs Linux 5.19.
    /// </summary>
    /// <value>
    /// The default value is <see langword="false"/>: the kernel takes a write through a memory map, or to the disk below the file system, for none, and so lets a file
    /// that was changed like that be opened unseen. It also knows nothing of newer definitions.
    /// </value>
    public bool RememberAllowed { get; set; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
    internal void Validate()
    {
        if (!Enum.IsDefined(Scope))
        {
            throw new ArgumentOutOfRangeException(nameof(Scope), Scope, "No such scope.");
        }

        if (!Enum.IsDefined(OnFailure))
        {
            throw new ArgumentOutOfRangeException(nameof(OnFailure), OnFailure, "No such decision.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrency, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxConcurrency, LargestConcurrency);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(QueueCapacity, LargestQueue);
        ArgumentOutOfRangeException.ThrowIfLessThan(DecisionTimeout, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DecisionTimeout, TimeSpan.FromHours(1));
    }
}
