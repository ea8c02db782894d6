using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Client;

/// <summary>Where the cache is, which credentials are shown, and how much asking may cost. Read once, when the client is made.</summary>
public sealed class InsightCacheClientOptions
{
    /// <summary>Gets or sets the server's address, <c>http</c> or <c>https</c>; a path in it stands in front of every route.</summary>
    public Uri? Address { get; set; }

    /// <summary>Gets or sets the API key that is shown; not together with a user name.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets the name that is shown together with <see cref="Password"/>.</summary>
    public string? UserName { get; set; }

    /// <summary>Gets or sets the password.</summary>
    public string? Password { get; set; }

    /// <summary>Gets or sets the certificate that is shown, with its private key; for <c>https</c> only.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>Gets or sets the SHA-256 of the server's public key (its SubjectPublicKeyInfo). If it is set, this key is trusted, whoever signed its certificate, and no other.</summary>
    public ContentHash? PinnedKey { get; set; }

    /// <summary>Gets or sets the name by which machines that share credentials are told apart, for leases only: 1 to 64 letters, digits or hyphens.</summary>
    /// <value>By default a random one for each object of this class.</value>
    public string ClientName { get; set; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Gets or sets how long a scan waits for an answer, recalls included; after that it scans. From 10 milliseconds to 30 seconds.</summary>
    /// <value>The default value is 250 milliseconds.</value>
    public TimeSpan LatencyBudget { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Gets or sets how long anything else may take that no scan waits for. From 100 milliseconds to 5 minutes.</summary>
    /// <value>The default value is 10 seconds.</value>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long the end of a scan waits until its votes are sent and its leases given back; what is left then is sent in the background. From 0 to 5 minutes.</summary>
    /// <value>The default value is 5 seconds.</value>
    public TimeSpan EndTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how many verdicts this process remembers by itself, about 200 bytes each. From 3 to 10 million.</summary>
    /// <value>The default value is 65,536.</value>
    public int RememberedVerdicts { get; set; } = 1 << 16;

    /// <summary>Gets or sets how long one of them is remembered. From 1 second to 7 days.</summary>
    /// <value>The default value is 1 day.</value>
    public TimeSpan RememberedFor { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets how long they are believed after the server last said that nothing was recalled. From 0 to 1 hour.</summary>
    /// <value>The default value is 1 minute.</value>
    public TimeSpan RecallsKnownFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets which share of the contents that were voted clean is scanned all the same, so that a wrong verdict does not live for ever. From 0 to 1.</summary>
    /// <value>The default value is 0.005.</value>
    public double AuditShare { get; set; } = 0.005;

    /// <summary>Gets or sets a value indicating whether contents are scanned without asking that take less time to scan than to ask about, as measured here.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool ScanWhatIsCheaper { get; set; } = true;

    /// <summary>Gets or sets how many votes wait to be sent; if there are more, the oldest are dropped. From 1 to 1 million.</summary>
    /// <value>The default value is 65,536.</value>
    public int MaxQueuedVotes { get; set; } = 1 << 16;

    /// <summary>Gets or sets how many votes are sent without waiting for more. From 1 to 4096.</summary>
    /// <value>The default value is 256.</value>
    public int VoteBatch { get; set; } = 256;

    /// <summary>Gets or sets how long a vote waits for others; whoever waits for the content waits as long. From 1 millisecond to 1 minute.</summary>
    /// <value>The default value is 250 milliseconds.</value>
    public TimeSpan VoteLinger { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Makes the options that a policy asks for.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="secret">What the client keeps under <see cref="InsightCachePolicy.CredentialName"/>: the password where the policy names a user, the API key where it does not.</param>
    /// <returns>The options.</returns>
    public static InsightCacheClientOptions Of(InsightCachePolicy policy, string? secret = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new InsightCacheClientOptions
        {
            Address = policy.Address,
            UserName = policy.UserName,
            Password = policy.UserName is null ? null : secret,
            ApiKey = policy.UserName is null ? secret : null,
            PinnedKey = policy.PinnedKey,
        };
    }
}
