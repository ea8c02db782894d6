namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Whose request it is, as the credentials say: never an address, nor a name that the client gives itself.</summary>
/// <param name="Id">The number under which votes and the log know the client; 0 for whoever shows no credentials.</param>
/// <param name="Name">The name for people.</param>
/// <param name="Tenant">Whose lanes the client sees.</param>
/// <param name="Roles">What it may do.</param>
internal sealed record ClientIdentity(uint Id, string Name, string Tenant, ClientRoles Roles)
{
    public const string DefaultTenant = "default";

    public bool IsAuthenticated => Id != 0;

    public bool Has(ClientRoles role) => (Roles & role) != 0;

    public bool CanVote => Has(ClientRoles.Vote | ClientRoles.TrustedScanner);
}
