using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Identity;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Finds the client that a credential belongs to. Safe for concurrent use.</summary>
/// <remarks>
/// Keys are looked up by their hash, which takes the same time whether it is nearly right or not. Passwords are slow to verify on purpose: one at a time, so that
/// wrong ones cannot take the machine, and a right one is remembered by a hash with a key that ends with the process. A certificate that was not seen before has its chain
/// built, and a new name goes to disk: of these, too, one is done at a time. Whoever is known waits for none of it.
/// </remarks>
internal sealed class CredentialBook : IDisposable
{
    private const int MaxRemembered = 10_000;

    /// <summary>Passwords that were right before cost no attempt.</summary>
    private const int AttemptsPerMinute = 60;

    /// <summary>Clients of one source that wait to be known: a fleet behind one address, after a restart.</summary>
    private const int MaxNewcomers = 10_000;

    private readonly FrozenDictionary<ContentHash, ClientIdentity> _apiKeys;
    private readonly FrozenDictionary<ContentHash, ClientIdentity> _certificates;
    private readonly FrozenDictionary<string, (ClientIdentity Client, string Hash)> _passwords;
    private readonly PasswordHasher<ClientIdentity> _hasher = new();
    private readonly byte[] _rememberKey = RandomNumberGenerator.GetBytes(32);
    private readonly Turns _passwordTurns = new(AttemptsPerMinute);
    private readonly Turns _newcomerTurns = new(MaxNewcomers);
    private readonly PartitionedRateLimiter<IPAddress> _attempts = PartitionedRateLimiter.Create<IPAddress, IPAddress>(static address => RateLimitPartition.GetFixedWindowLimiter(
        address, static _ => new FixedWindowRateLimiterOptions { PermitLimit = AttemptsPerMinute, Window = TimeSpan.FromMinutes(1) }));
    private readonly Lock _lock = new();
    private readonly Dictionary<ContentHash, ClientIdentity> _remembered = [];
    private readonly ClientRegistry _registry;
    private readonly ClientRoles _issuedRoles;
    private readonly X509Certificate2Collection? _issuers;

    /// <summary>Initializes a new instance of the <see cref="CredentialBook"/> class.</summary>
    /// <exception cref="CryptographicException">The file of issuers is none.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public CredentialBook(AccessOptions options, ClientRegistry registry)
    {
        _registry = registry;
        List<(ClientOptions Options, ClientIdentity Client)> clients =
            [.. options.Clients.Select(client => (client, IdentityOf(registry.IdOf(client.Tenant, client.Name), client.Tenant, client.Name, client.Roles)))];
        _apiKeys = clients.SelectMany(static client => client.Options.ApiKeyHashes.Select(hash => (Hash: ContentHash.Parse(hash), client.Client)))
            .ToFrozenDictionary(static key => key.Hash, static key => key.Client);
        _certificates = clients.SelectMany(static client => client.Options.CertificateKeyHashes.Select(hash => (Hash: ContentHash.Parse(hash), client.Client)))
            .ToFrozenDictionary(static key => key.Hash, static key => key.Client);
        _passwords = clients.Where(static client => client.Options.PasswordHash is not null)
            .ToFrozenDictionary(static client => client.Options.Name, static client => (client.Client, client.Options.PasswordHash!), StringComparer.Ordinal);
        _issuedRoles = options.CertificateRoles;
        if (options.CertificateIssuers is { } file)
        {
            _issuers = [];
            _issuers.ImportFromPemFile(file);
        }
    }

    /// <summary>Hashes a password for the configuration.</summary>
    public static string HashPassword(string password) => new PasswordHasher<ClientIdentity>().HashPassword(null!, password);

    public ClientIdentity? FindByApiKey(string key) => _apiKeys.GetValueOrDefault(ContentHash.Compute(Encoding.UTF8.GetBytes(key)));

    /// <summary>Finds the client of a certificate; one that was not seen before is verified in turn.</summary>
    public ValueTask<ClientIdentity?> FindByCertificateAsync(X509Certificate2 certificate, IPAddress? address, CancellationToken cancellationToken)
    {
        ContentHash key = ContentHash.Compute(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        if (_certificates.TryGetValue(key, out ClientIdentity? known))
        {
            return new(known);
        }

        if (_issuers is null || certificate.NotAfter.ToUniversalTime() < DateTime.UtcNow)
        {
            return default;
        }

        return Recall(key) is { } remembered
            ? new(remembered)
            : _newcomerTurns.TakeAsync(Turns.SourceOf(address), () => Recall(key) ?? Verify(certificate, key), cancellationToken);
    }

    /// <summary>Verifies a password; one source tries so many in a minute, and the others are not looked at.</summary>
    public async ValueTask<ClientIdentity?> FindByPasswordAsync(string name, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        if (!_passwords.TryGetValue(name, out (ClientIdentity Client, string Hash) client))
        {
            return null;
        }

        ContentHash shown = new(HMACSHA256.HashData(_rememberKey, Encoding.UTF8.GetBytes(name + "\n" + password)));
        if (Recall(shown) is { } remembered)
        {
            return remembered;
        }

        IPAddress source = Turns.SourceOf(address);
        using RateLimitLease attempt = _attempts.AttemptAcquire(source);

        // A client that opens many connections at once has its password verified once.
        return attempt.IsAcquired
            ? await _passwordTurns.TakeAsync(source, () => Recall(shown) ?? Verify(client.Client, client.Hash, password, shown), cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Gets the identity of a client that a host has authenticated; a name that was not seen before goes to disk in turn.</summary>
    public async ValueTask<ClientIdentity> IdentifyAsync(string tenant, string name, ClientRoles roles, IPAddress? address, CancellationToken cancellationToken)
    {
        uint id = _registry.Find(tenant, name);
        return id != 0
            ? IdentityOf(id, tenant, name, roles)
            : await _newcomerTurns.TakeAsync(Turns.SourceOf(address), () => IdentityOf(_registry.IdOf(tenant, name), tenant, name, roles), cancellationToken).ConfigureAwait(false)
                ?? IdentityOf(0, tenant, name, roles);
    }

    public void Dispose()
    {
        _passwordTurns.Dispose();
        _newcomerTurns.Dispose();
        _attempts.Dispose();
    }

    /// <summary>Makes the identity of a client; one that gets no number is not known by the log, and so must not vote.</summary>
    private static ClientIdentity IdentityOf(uint id, string tenant, string name, ClientRoles roles) => new(id, name, tenant, id == 0 ? roles & ClientRoles.Ask : roles);

    private ClientIdentity? Verify(X509Certificate2 certificate, ContentHash key)
    {
        if (!IsIssued(certificate))
        {
            return null;
        }

        string subject = new([.. certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false).Where(static c => !char.IsControl(c)).Take(64)]);
        string name = $"{subject} ({key.ToString()[..16]})";
        return Remember(key, IdentityOf(_registry.IdOf(ClientIdentity.DefaultTenant, name), ClientIdentity.DefaultTenant, name, _issuedRoles));
    }

    private ClientIdentity? Verify(ClientIdentity client, string hash, string password, ContentHash shown)
    {
        try
        {
            return _hasher.VerifyHashedPassword(client, hash, password) == PasswordVerificationResult.Failed ? null : Remember(shown, client);
        }
        catch (FormatException)
        {
            // The configured hash is none: no password fits.
            return null;
        }
    }

    private bool IsIssued(X509Certificate2 certificate)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_issuers!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;

        // Whoever shows a certificate must not choose what the server fetches, nor have it wait for that.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        return chain.Build(certificate);
    }

    private ClientIdentity? Recall(ContentHash shown)
    {
        lock (_lock)
        {
            return _remembered.GetValueOrDefault(shown);
        }
    }

    private ClientIdentity Remember(ContentHash shown, ClientIdentity client)
    {
        lock (_lock)
        {
            if (_remembered.Count >= MaxRemembered)
            {
                _remembered.Clear();
            }

            _remembered[shown] = client;
        }

        return client;
    }
}
