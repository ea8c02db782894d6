using Microsoft.Extensions.Options;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Checks what the fields' own attributes cannot: that every client has credentials, and that no two share one.</summary>
internal sealed class AccessOptionsValidator : IValidateOptions<AccessOptions>
{
    private readonly AccessOptionsFieldValidator _fields = new();

    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        ValidateOptionsResult fields = _fields.Validate(name, options);
        if (fields.Failed)
        {
            return fields;
        }

        List<string> failures = [];
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        HashSet<string> secrets = new(StringComparer.OrdinalIgnoreCase);
        foreach (ClientOptions client in options.Clients)
        {
            if (!names.Add(client.Name))
            {
                failures.Add($"Access:Clients: two clients are named \"{client.Name}\".");
            }

            if (client.Roles == ClientRoles.None)
            {
                failures.Add($"Access:Clients: {client.Name} has no role. Roles are Ask, Vote, TrustedScanner and Administer.");
            }

            if (client.ApiKeyHashes.Count == 0 && client.PasswordHash is null && client.CertificateKeyHashes.Count == 0)
            {
                failures.Add($"Access:Clients: {client.Name} has no credentials. One of ApiKeyHashes, PasswordHash and CertificateKeyHashes is needed.");
            }

            foreach (string hash in client.ApiKeyHashes.Concat(client.CertificateKeyHashes))
            {
                if (!ContentHash.TryParse(hash, null, out _))
                {
                    failures.Add($"Access:Clients: {client.Name} has a hash that is not 64 hexadecimal digits.");
                }
                else if (!secrets.Add(hash))
                {
                    failures.Add($"Access:Clients: {client.Name} has a key that another client or entry has as well.");
                }
            }
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
