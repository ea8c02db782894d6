using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Examples.ServiceHosting;

namespace Symantec.Virtualization.Examples.EndpointAgent;

/// <summary>What the agent is told by its own configuration; the policy says the rest.</summary>
internal sealed class AgentOptions
{
    /// <summary>Gets the settings that there are.</summary>
    public static SettingsShape Shape { get; } = new(typeof(AgentOptions));

    /// <summary>Gets or sets the manager's address; without one the agent is unmanaged, and follows <see cref="PolicyFile"/>.</summary>
    public Uri? Manager { get; set; }

    /// <summary>Gets or sets the one-time token to enrol with.</summary>
    public string? EnrolmentToken { get; set; }

    /// <summary>Gets or sets the SHA-256 of the manager's public key, if only that key is to be trusted.</summary>
    public string? ManagerKey { get; set; }

    /// <summary>Gets or sets the policy of an unmanaged agent: the document that a manager would send.</summary>
    public string? PolicyFile { get; set; }

    /// <summary>Gets or sets the folder where the agent keeps what it must not forget.</summary>
    [Required]
    public string Data { get; set; } = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "symantec-virtualization", "agent");

    /// <summary>Gets or sets the folder with the secrets that policies name.</summary>
    public string? Secrets { get; set; }

    /// <summary>Gets or sets the folder of AV definitions; by default the EICAR test file alone is known.</summary>
    public string? Definitions { get; set; }

    /// <summary>Gets or sets a value indicating whether the cache is asked also about contents that take less time to scan than to ask about.</summary>
    public bool AskAboutEverything { get; set; }

    /// <summary>Gets or sets how long a scan waits for an answer of the cache, in milliseconds.</summary>
    [Range(10, 30_000)]
    public int CacheMilliseconds { get; set; } = 250;

    /// <summary>Gets the folders that are scanned where a schedule names none.</summary>
    public IList<string> Roots { get; init; } = [];

    /// <summary>Gets those folders, or the whole machine where none are named.</summary>
    public IReadOnlyList<string> ScanRoots => Roots.Count > 0 ? [.. Roots] : [OperatingSystem.IsWindows() ? Path.GetPathRoot(Environment.SystemDirectory)! : "/"];

    /// <summary>Gets the seals of this machine's image.</summary>
    [ValidateEnumeratedItems]
    public IList<SealOptions> Seals { get; init; } = [];

    /// <summary>Gets the files with the public keys that seals are believed by.</summary>
    public IList<string> SealKeys { get; init; } = [];

    /// <summary>Gets the mounts whose files are scanned when they are opened. Linux, as root.</summary>
    public IList<string> AutoProtect { get; init; } = [];

    /// <summary>Gets or sets how long Auto-Protect may take for one file, before it is opened unscanned.</summary>
    [Range(1, 600)]
    public int AutoProtectSeconds { get; set; } = 30;

    /// <summary>Gets or sets what to call this machine, if not by its own name.</summary>
    public string? HostName { get; set; }

    /// <summary>Gets or sets what stays with the hardware, if the firmware's number is not to be asked.</summary>
    public string? HardwareId { get; set; }

    /// <summary>Gets or sets the number by which the hypervisor tells that this is a clone, where it is known.</summary>
    public string? GenerationId { get; set; }

    /// <summary>Gets or sets a value indicating whether marks are taken off files as they change.</summary>
    public bool GuardMarks { get; set; } = true;

    /// <summary>Gets the log file.</summary>
    [ValidateObjectMembers]
    public LogFileOptions LogFile { get; init; } = new();
}

/// <summary>A seal of this machine's image.</summary>
internal sealed class SealOptions
{
    [Required]
    public string Root { get; set; } = "/";

    /// <summary>Gets or sets the seal's file, if it is not in the usual place.</summary>
    public string? File { get; set; }
}

[OptionsValidator]
internal sealed partial class AgentOptionsValidator : IValidateOptions<AgentOptions>;
