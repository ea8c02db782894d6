using Microsoft.Extensions.Options;
using Symantec.Virtualization.Management.Protocol;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Client;

/// <summary>Where the manager is, and where the agent keeps what it must not forget. Read once, when the agent is made.</summary>
public sealed class ManagementClientOptions
{
    /// <summary>Gets or sets the manager's address, <c>http</c> or <c>https</c>; a path in it stands in front of every route.</summary>
    public Uri? Address { get; set; }

    /// <summary>Gets or sets the folder for credentials, the last policy and results that are not sent yet. Only the agent's own account reads it.</summary>
    public string StateFolder { get; set; } = "";

    /// <summary>Gets or sets the token by which the machine enrols; <see langword="null"/> if it has enrolled already.</summary>
    public string? EnrolmentToken { get; set; }

    /// <summary>Gets or sets the name of the host.</summary>
    /// <value>The default value is the machine's own.</value>
    public string HostName { get; set; } = Environment.MachineName;

    /// <summary>Gets or sets what stays with the hardware or the virtual machine.</summary>
    /// <value>By default a hash over the UUID of the firmware, or over the identifier of the installed system where that cannot be read.</value>
    public string? HardwareId { get; set; }

    /// <summary>Gets or sets what tells the number by which the hypervisor says that the machine was cloned or taken back; it is asked at each heartbeat.</summary>
    /// <value>By default nothing is told.</value>
    public Func<string?> GenerationId { get; set; } = static () => null;

    /// <summary>Gets or sets the version of the agent.</summary>
    public string AgentVersion { get; set; } = "1.0";

    /// <summary>Gets or sets the SHA-256 of the manager's public key, if only that key is to be trusted.</summary>
    public ContentHash? PinnedKey { get; set; }

    /// <summary>Gets or sets how long one attempt may take.</summary>
    /// <value>The default value is 30 seconds.</value>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how often a request that failed is sent again at once; all of them may be, but an enrolment. What is not delivered then waits for the next heartbeat.</summary>
    /// <value>The default value is 2.</value>
    public int Retries { get; set; } = 2;

    /// <summary>Gets or sets how many bytes of results wait on the disk at most.</summary>
    /// <value>The default value is 64 MiB.</value>
    public long SpoolLimit { get; set; } = 64 << 20;

    internal void Validate(List<string> failures)
    {
        Check(Address is { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }, "Address: an absolute http or https address is needed, without a query and without credentials.");
        Check(PinnedKey is null || Address is { IsAbsoluteUri: true, Scheme: "https" }, "PinnedKey: a key is shown only by an https address.");
        Check(StateFolder.Length > 0, "StateFolder: a folder is needed.");
        Check(EnrolmentToken is null or { Length: >= 16 and <= WireLimits.MaxSecret }, "EnrolmentToken: it has 16 to 128 characters.");
        Check(HostName.Length is > 0 and <= WireLimits.MaxName, "HostName: a name is needed.");
        Check(
            HardwareId is null || (HardwareId.Length is >= WireLimits.MinIdentifier and <= WireLimits.MaxText && HardwareId.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')),
            $"HardwareId: {WireLimits.MinIdentifier} to {WireLimits.MaxText} letters, digits, hyphens, points or underscores are needed.");
        Check(AgentVersion.Length is > 0 and <= WireLimits.MaxText, "AgentVersion: a version is needed.");
        Check(AttemptTimeout >= TimeSpan.FromMilliseconds(100) && AttemptTimeout <= TimeSpan.FromMinutes(10), "AttemptTimeout: a duration from 0.1 s to 10 minutes is needed.");
        Check(Retries is >= 0 and <= 10, "Retries: a number from 0 to 10 is needed.");
        Check(SpoolLimit is >= 1 << 20 and <= 1L << 40, "SpoolLimit: from 1 MiB to 1 TiB are needed.");

        void Check(bool holds, string failure)
        {
            if (!holds)
            {
                failures.Add(failure);
            }
        }
    }
}

/// <summary>Says what is wrong with options, and what is allowed.</summary>
internal sealed class ManagementClientOptionsValidator : IValidateOptions<ManagementClientOptions>
{
    public ValidateOptionsResult Validate(string? name, ManagementClientOptions options)
    {
        List<string> failures = [];
        options.Validate(failures);
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }
}
