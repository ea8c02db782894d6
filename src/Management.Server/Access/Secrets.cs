using System.Security.Cryptography;
using System.Text;

namespace Symantec.Virtualization.Management.Server;

/// <summary>
/// Secrets that the manager makes: 256 random bits, so that a plain hash of them is as good as a slow one. They are found by their hash, or compared in constant time.
/// </summary>
internal static class Secrets
{
    private const int Size = 32;

    public static string Make(string prefix = "")
        => prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(Size)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public static bool Fits(string shown, byte[] hash) => CryptographicOperations.FixedTimeEquals(HashOf(shown), hash);
}
