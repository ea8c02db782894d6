using System.Security.Cryptography;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.ImageException;

/// <summary>The private key that the builder of base images signs seals with: ECDSA on the curve P-256. It never comes into an image.</summary>
/// <remarks>Safe for use by one thread at a time. Sources: FIPS 186-5; RFC 5958 (PKCS #8) and RFC 7468 (PEM) for the files.</remarks>
public sealed class SealKey : IDisposable
{
    /// <summary>What guessing a password costs: rounds of PBKDF2 with SHA-256.</summary>
    private const int Rounds = 600_000;

    private readonly ECDsa _key;

    private SealKey(ECDsa key) => (_key, PublicKey) = (key, SealPublicKey.Of(key));

    /// <summary>Gets the public key that clones believe seals by.</summary>
    public SealPublicKey PublicKey { get; }

    /// <summary>Makes a new pair.</summary>
    /// <returns>The pair.</returns>
    public static SealKey Create()
    {
        ECDsa key = NewEcdsa();
        key.GenerateKey(ECCurve.NamedCurves.nistP256);
        return new SealKey(key);
    }

    /// <summary>Reads a private key from PEM.</summary>
    /// <param name="pem">The text: PKCS #8, in plain or encrypted, or SEC 1.</param>
    /// <param name="password">The password of an encrypted key.</param>
    /// <returns>The key.</returns>
    /// <exception cref="CryptographicException">It is no private key on P-256, or the password is missing or wrong.</exception>
    public static SealKey FromPem(string pem, string? password = null)
    {
        ArgumentNullException.ThrowIfNull(pem);
        ECDsa key = NewEcdsa();
        try
        {
            if (pem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal))
            {
                key.ImportFromEncryptedPem(pem, password ?? throw new CryptographicException("The private key is encrypted, and no password was given."));
            }
            else
            {
                key.ImportFromPem(pem);
            }

            SealPublicKey.RequireCurve(key);

            RequirePrivate(key);
            return new SealKey(key);
        }
        catch (ArgumentException e)
        {
            key.Dispose();
            throw new CryptographicException("The text holds no private key in PEM.", e);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Writes the private key as PEM.</summary>
    /// <param name="password">The password to encrypt it with (AES-256); in plain if <see langword="null"/>.</param>
    /// <returns>The text.</returns>
    public string ToPem(string? password = null) => password is null
        ? _key.ExportPkcs8PrivateKeyPem()
        : _key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, Rounds));

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    /// <summary>A public key alone is read as well, and has nothing to export.</summary>
    private static void RequirePrivate(ECDsa key)
    {
        try
        {
            CryptographicOperations.ZeroMemory(key.ExportParameters(includePrivateParameters: true).D);
        }
        catch (CryptographicException e)
        {
            throw new CryptographicException("The text holds a public key, and no private one.", e);
        }
    }

    internal static ECDsa NewEcdsa() => OperatingSystem.IsWindows() ? new WindowsEcdsa() : ECDsa.Create();

    internal void Sign(ReadOnlySpan<byte> header, Span<byte> signature)
        => _key.SignData(header, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
}

/// <summary>A public key that seals are believed by. Safe for concurrent use.</summary>
public sealed class SealPublicKey
{
    private readonly byte[] _info;

    private SealPublicKey(byte[] info) => (_info, Id) = (info, ContentHash.Compute(info));

    /// <summary>Gets what names the key: the SHA-256 of its SubjectPublicKeyInfo.</summary>
    public ContentHash Id { get; }

    /// <summary>Reads the public keys of a text in PEM; of a private key its public half.</summary>
    /// <param name="pem">The text.</param>
    /// <returns>The key.</returns>
    /// <exception cref="CryptographicException">It is no key on P-256.</exception>
    public static SealPublicKey FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        using ECDsa key = SealKey.NewEcdsa();
        try
        {
            key.ImportFromPem(pem);
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException("The text holds no public key in PEM.", e);
        }

        RequireCurve(key);
        return Of(key);
    }

    /// <summary>Writes the key as PEM.</summary>
    /// <returns>The text.</returns>
    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", _info);

    internal static SealPublicKey Of(ECDsa key) => new(key.ExportSubjectPublicKeyInfo());

    internal static void RequireCurve(ECDsa key)
    {
        if (key.KeySize != 256 || key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value is not "1.2.840.10045.3.1.7")
        {
            throw new CryptographicException("The key is not on the curve P-256.");
        }
    }

    internal bool Verify(ReadOnlySpan<byte> header, ReadOnlySpan<byte> signature)
    {
        using ECDsa key = SealKey.NewEcdsa();
        key.ImportSubjectPublicKeyInfo(_info, out _);
        return key.VerifyData(header, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
