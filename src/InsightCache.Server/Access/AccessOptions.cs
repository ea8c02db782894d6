using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Who may do what. Where no client is named, everyone may ask and only this machine votes.</summary>
public sealed class AccessOptions
{
    /// <summary>Gets the clients that show credentials.</summary>
    [ValidateEnumeratedItems]
    public IList<ClientOptions> Clients { get; init; } = [];

    /// <summary>Gets or sets a file of PEM certificates: whoever shows a client certificate that one of these has issued is a client of its own, named by the subject and the key.</summary>
    public string? CertificateIssuers { get; set; }

    /// <summary>Gets or sets what such a client may do.</summary>
    /// <value>The default value is to ask and to vote.</value>
    public ClientRoles CertificateRoles { get; set; } = ClientRoles.Ask | ClientRoles.Vote;

    /// <summary>Gets or sets a value indicating whether whoever shows no credentials may ask.</summary>
    /// <value>By default only where nobody is named in <see cref="Clients"/> and no issuer is set.</value>
    public bool? AnonymousAsk { get; set; }

    /// <summary>Gets or sets how many contents a client may ask about in a second, in the long run; ten times as many at once.</summary>
    /// <value>The default value is 200,000.</value>
    [Range(500, 100_000_000)]
    public int LookupsPerSecond { get; set; } = 200_000;

    /// <summary>Gets or sets how many votes a client may give in a second, in the long run; ten times as many at once.</summary>
    /// <value>The default value is 20,000.</value>
    [Range(500, 100_000_000)]
    public int VotesPerSecond { get; set; } = 20_000;

    /// <summary>Gets a value indicating whether anyone has credentials at all.</summary>
    internal bool HasCredentials => Clients.Count > 0 || CertificateIssuers is not null;
}

/// <summary>A client that shows credentials: an API key, a password or a certificate. Secrets are kept as hashes only.</summary>
public sealed class ClientOptions
{
    /// <summary>Gets or sets the name: in the log, and the user name where a password is shown.</summary>
    [Required]
    [RegularExpression(@"^[A-Za-z0-9][A-Za-z0-9 ._@\-]{0,99}$", ErrorMessage = "Up to 100 letters, digits, spaces, and . _ @ - are allowed in {0}.")]
    public string Name { get; set; } = "";

    /// <summary>Gets or sets whose lanes the client sees; nothing is shared between tenants.</summary>
    /// <value>The default value is <c>default</c>.</value>
    [Required]
    [RegularExpression("^[a-z0-9][a-z0-9-]{0,62}$", ErrorMessage = "Up to 63 lower-case letters, digits and hyphens are allowed in {0}.")]
    public string Tenant { get; set; } = ClientIdentity.DefaultTenant;

    /// <summary>Gets or sets what the client may do.</summary>
    /// <value>The default value is to ask.</value>
    public ClientRoles Roles { get; set; } = ClientRoles.Ask;

    /// <summary>Gets the SHA-256 of each API key, as 64 hexadecimal digits; two while one replaces the other.</summary>
    public IList<string> ApiKeyHashes { get; init; } = [];

    /// <summary>Gets or sets the hash of the password, as <c>InsightCacheHost hash-password</c> prints it.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>Gets the SHA-256 of the public key (SPKI) of each client certificate, as 64 hexadecimal digits.</summary>
    public IList<string> CertificateKeyHashes { get; init; } = [];
}

[OptionsValidator]
internal sealed partial class AccessOptionsFieldValidator : IValidateOptions<AccessOptions>;
