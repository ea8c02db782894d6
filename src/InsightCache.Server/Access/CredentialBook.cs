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
/// wrong ones cannot take the machine, and a right one is remembered by a hash with a key that ends with the process.
/// </remarks>
internal sealed class CredentialBook : IDisposable
{
    private const int MaxRemembered = 10_000;

    /// <summary>Passwords that were right before cost no attempt.</summary>
    private const int AttemptsPerMinute = 60;

    private readonly FrozenDictionary<ContentHash, ClientIdentity> _apiKeys;
    private readonly FrozenDictionary<ContentHash, ClientIdentity> _certificates;
    private readonly FrozenDictionary<string, (ClientIdentity Client, string Hash)> _passwords;
    private readonly PasswordHasher<ClientIdentity> _hasher = new();
    private readonly byte[] _rememberKey = RandomNumberGenerator.GetBytes(32);
    private readonly SemaphoreSlim _verifying = new(1);
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
        List<(ClientOptions Options, ClientIdentity Client)> clients = [.. options.Clients.Select(client => (client, Identify(client.Tenant, client.Name, client.Roles)))];
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

    public ClientIdentity? FindByCertificate(X509Certificate2 certificate)
    {
        ContentHash key = ContentHash.Compute(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        if (_certificates.TryGetValue(key, out ClientIdentity? known))
        {
            return known;
        }

        if (_issuers is null || certificate.NotAfter.ToUniversalTime() < DateTime.UtcNow)
        {
            return null;
        }

        lock (_lock)
        {
            if (_remembered.TryGetValue(key, out known))
            {
                return known;
            }
        }

        if (!IsIssued(certificate))
        {
            return null;
        }

        string subject = new([.. certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false).Where(static c => !char.IsControl(c)).Take(64)]);
        return Remember(key, Identify(ClientIdentity.DefaultTenant, $"{subject} ({key.ToString()[..16]})", _issuedRoles));
    }

    /// <summary>Verifies a password; one address tries so many in a minute, and the others are not looked at.</summary>
    public async ValueTask<ClientIdentity?> FindByPasswordAsync(string name, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        if (!_passwords.TryGetValue(name, out (ClientIdentity Client, string Hash) client))
        {
            return null;
        }

        ContentHash shown = new(HMACSHA256.HashData(_rememberKey, Encoding.UTF8.GetBytes(name + "\n" + password)));
        lock (_lock)
        {
            if (_remembered.TryGetValue(shown, out ClientIdentity? known))
            {
                return known;
            }
        }

        using RateLimitLease attempt = _attempts.AttemptAcquire(address ?? IPAddress.None);
        if (!attempt.IsAcquired)
        {
            return null;
        }

        await _verifying.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // Not on the thread that serves other connections.
            await Task.Yield();
            return _hasher.VerifyHashedPassword(client.Client, client.Hash, password) == PasswordVerificationResult.Failed ? null : Remember(shown, client.Client);
        }
        catch (FormatException)
        {
            // The configured hash is none: no password fits.
            return null;
        }
        finally
        {
            _verifying.Release();
        }
    }

    public void Dispose()
    {
        _verifying.Dispose();
        _attempts.Dispose();
    }

    /// <summary>Makes the identity of a client; one that gets no number is not known by the log, and so must not vote.</summary>
    public ClientIdentity Identify(string tenant, string name, ClientRoles roles)
    {
        uint id = _registry.IdOf(tenant, name);
        return new ClientIdentity(id, name, tenant, id == 0 ? roles & ClientRoles.Ask : roles);
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
