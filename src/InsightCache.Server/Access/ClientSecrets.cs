namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Makes what the configuration keeps of secrets.</summary>
public static class ClientSecrets
{
    /// <summary>Hashes a password slowly (PBKDF2), with a salt of its own.</summary>
    /// <param name="password">The password.</param>
    /// <returns>The text for <see cref="ClientOptions.PasswordHash"/>.</returns>
    public static string HashPassword(string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(password);
        return CredentialBook.HashPassword(password);
    }
}
