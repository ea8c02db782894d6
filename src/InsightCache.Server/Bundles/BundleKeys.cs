using System.Security.Cryptography;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Reads the keys of bundles. They are read when they are used, so that a key that was replaced is replaced.</summary>
internal static class BundleKeys
{
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="CryptographicException">It is no private key, or the password is wrong.</exception>
    public static ECDsa ReadPrivate(string path, string? password)
    {
        ECDsa key = ECDsa.Create();
        string pem = File.ReadAllText(path);
        Import(path, () =>
        {
            if (password is null)
            {
                key.ImportFromPem(pem);
            }
            else
            {
                key.ImportFromEncryptedPem(pem, password);
            }
        });
        return key;
    }

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="CryptographicException">It is no public key.</exception>
    public static ECDsa ReadPublic(string path)
    {
        ECDsa key = ECDsa.Create();
        string pem = File.ReadAllText(path);
        Import(path, () => key.ImportFromPem(pem));
        return key;
    }

    private static void Import(string path, Action import)
    {
        try
        {
            import();
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new CryptographicException($"{path} is no ECDSA key in PEM form, or its password is wrong.", e);
        }
    }
}
