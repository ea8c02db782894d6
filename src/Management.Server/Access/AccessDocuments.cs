namespace Symantec.Virtualization.Management.Server;

/// <summary>What an administrator may do; each role includes those before it.</summary>
public enum AdministratorRole
{
    /// <summary>To look.</summary>
    View,

    /// <summary>To change policies, groups, clients, tokens and recalls.</summary>
    Operate,

    /// <summary>To change administrators and keys, and to read the audit log.</summary>
    Administer,
}

/// <summary>An account.</summary>
/// <param name="Id">The account's number.</param>
/// <param name="Name">The name.</param>
/// <param name="Role">What it may do.</param>
/// <param name="MustChangePassword">Whether its password counts once only.</param>
/// <param name="Disabled">Whether it may not sign in.</param>
/// <param name="LockedUntil">Until when it is locked, after too many wrong passwords.</param>
/// <param name="Created">When it was made.</param>
public sealed record AdministratorDocument(int Id, string Name, AdministratorRole Role, bool MustChangePassword, bool Disabled, DateTimeOffset? LockedUntil, DateTimeOffset Created);

/// <summary>An account that was just made, or whose password was set back.</summary>
/// <param name="Administrator">The account.</param>
/// <param name="OneTimePassword">The password with which it signs in once, to choose another. It is told this once.</param>
public sealed record NewAdministrator(AdministratorDocument Administrator, string OneTimePassword);

/// <summary>A key for scripts.</summary>
/// <param name="Id">The key's number.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Administrator">Whose it is: it counts as long as the account does.</param>
/// <param name="Role">What it may do, never more than the account.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">Until when it counts; <see langword="null"/> for ever.</param>
/// <param name="LastUsed">When it was last shown, within a minute.</param>
public sealed record ApiKeyDocument(int Id, string Name, string Administrator, AdministratorRole Role, DateTimeOffset Created, DateTimeOffset? Expires, DateTimeOffset? LastUsed);

/// <summary>A key that was just made.</summary>
/// <param name="Key">What scripts show in the header <c>X-Api-Key</c>. It is told this once; the manager keeps its hash only.</param>
/// <param name="Document">The key's description.</param>
public sealed record NewApiKey(string Key, ApiKeyDocument Document);

/// <summary>Somebody who has signed in, or has shown a key.</summary>
/// <param name="Id">The account's number.</param>
/// <param name="Name">The name.</param>
/// <param name="Role">What it may do.</param>
/// <param name="MustChangePassword">Whether nothing else may be done before another password is chosen.</param>
public sealed record SignedIn(int Id, string Name, AdministratorRole Role, bool MustChangePassword);
