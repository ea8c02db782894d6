using System.IO.Hashing;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.Primitives;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Tells whose request it is and lets it in, or answers why not. Safe for concurrent use.</summary>
internal sealed class ClientGate(AccessOptions access, InsightCacheServerOptions options, CredentialBook book) : IDisposable
{
    /// <summary>The claims of a host's own authentication that say what a client may do: one for each role, by its name.</summary>
    public const string RoleClaim = "insight-cache-role";

    /// <summary>The claim of a host's own authentication that says whose lanes a client sees.</summary>
    public const string TenantClaim = "insight-cache-tenant";

    private const int Burst = 10;

    /// <summary>What proxies and browsers say when they speak for somebody else. A proxy that says nothing speaks HTTP/1.0 unless it was told otherwise.</summary>
    private static readonly string[] SignsOfOthers = ["Origin", "Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];

    private static readonly ClientIdentity Stranger = new(0, "", ClientIdentity.DefaultTenant, ClientRoles.None);

    private readonly bool _anonymousAsk = access.AnonymousAsk ?? !access.HasCredentials;
    private readonly PartitionedRateLimiter<Rated> _rates = LimiterOf(access.LookupsPerSecond, access.VotesPerSecond);

    /// <summary>Lets a request in if its client has a role.</summary>
    /// <returns><see langword="null"/> if it has not, and the answer says so.</returns>
    public async ValueTask<ClientIdentity?> AdmitAsync(HttpContext context, ClientRoles role)
    {
        ClientIdentity client = await IdentifyAsync(context).ConfigureAwait(false);
        if (client.Has(role))
        {
            return client;
        }

        if (client.IsAuthenticated)
        {
            await Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "forbidden", $"This takes the role {role}.").ConfigureAwait(false);
        }
        else
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"Shared Insight Cache\", charset=\"UTF-8\"";
            await Problems.WriteAsync(context, StatusCodes.Status401Unauthorized, "unauthenticated", "Credentials are needed, or these are wrong.").ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Tells whether a client may ask about so many contents now.</summary>
    public bool MayAsk(ClientIdentity client, HttpContext context, int count) => Takes(client, context, isVote: false, count);

    /// <summary>Tells whether a client may give so many votes now.</summary>
    public bool MayVote(ClientIdentity client, HttpContext context, int count) => Takes(client, context, isVote: true, count);

    /// <summary>Tells machines apart that share credentials: by the name that they give themselves, or else by their address. Good for leases only.</summary>
    public static uint HolderOf(HttpContext context)
    {
        if (context.Request.Headers.TryGetValue(Routes.ClientHeader, out StringValues name) && name is [{ Length: <= 64 } single])
        {
            return unchecked((uint)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(single.AsSpan())));
        }

        Span<byte> address = stackalloc byte[16];
        return context.Connection.RemoteIpAddress is { } remote && remote.TryWriteBytes(address, out int length)
            ? unchecked((uint)XxHash3.HashToUInt64(address[..length]))
            : 0;
    }

    public void Dispose() => _rates.Dispose();

    private bool Takes(ClientIdentity client, HttpContext context, bool isVote, int count)
    {
        using RateLimitLease lease = _rates.AttemptAcquire(new Rated(client.Id, client.IsAuthenticated ? null : context.Connection.RemoteIpAddress, isVote), count);
        return lease.IsAcquired;
    }

    private static PartitionedRateLimiter<Rated> LimiterOf(int lookupsPerSecond, int votesPerSecond)
    {
        // Made once: each request asks for its partition. All of them together are replenished by one timer.
        Func<Rated, RateLimiter> make = rated =>
        {
            int perSecond = rated.IsVote ? votesPerSecond : lookupsPerSecond;
            return new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
            {
                TokenLimit = perSecond * Burst,
                TokensPerPeriod = perSecond / Burst,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / Burst),
                AutoReplenishment = false,
            });
        };
        return PartitionedRateLimiter.Create<Rated, Rated>(rated => RateLimitPartition.Get(rated, make));
    }

    private async ValueTask<ClientIdentity> IdentifyAsync(HttpContext context)
    {
        // By its feature: where no host has authenticated anybody, the context would make up somebody who is nobody for each request.
        if (context.Features.Get<IHttpAuthenticationFeature>()?.User is { Identity: { IsAuthenticated: true, Name: { } name } } user)
        {
            return await OfHostAsync(context, user, name).ConfigureAwait(false);
        }

        ShownCredentials shown = await ShownCredentials.ReadAsync(context, book).ConfigureAwait(false);

        // Whoever shows wrong credentials is not taken for one who shows none.
        return !shown.IsShown ? Anonymous(context) : shown.Client ?? Stranger;
    }

    /// <summary>A client that the host has authenticated by its own means, as by a bearer token.</summary>
    private ValueTask<ClientIdentity> OfHostAsync(HttpContext context, ClaimsPrincipal user, string name)
    {
        ClientRoles roles = ClientRoles.None;
        foreach (Claim claim in user.FindAll(RoleClaim))
        {
            roles |= Enum.TryParse(claim.Value, ignoreCase: true, out ClientRoles role) ? role : ClientRoles.None;
        }

        string clean = new([.. name.Where(static c => !char.IsControl(c)).Take(100)]);
        return book.IdentifyAsync(
            user.FindFirst(TenantClaim)?.Value ?? ClientIdentity.DefaultTenant, clean, roles, context.Connection.RemoteIpAddress, context.RequestAborted);
    }

    private ClientIdentity Anonymous(HttpContext context)
    {
        ClientRoles roles = _anonymousAsk ? ClientRoles.Ask : ClientRoles.None;
        if (options.OpenVoting || (!access.HasCredentials && IsThisMachine(context)))
        {
            roles |= ClientRoles.Ask | ClientRoles.Vote;
        }

        if (!access.HasCredentials && IsThisMachine(context))
        {
            // With nobody named there is no other way to administer than from the machine itself.
            roles |= ClientRoles.Administer;
        }

        return new ClientIdentity(0, "anonymous", ClientIdentity.DefaultTenant, roles);
    }

    /// <summary>A proxy on this machine speaks for others, and says so; a browser on this machine may speak for a page from elsewhere, which shows by its origin or by a name that was bent to here.</summary>
    private static bool IsThisMachine(HttpContext context)
        => context.Connection is { RemoteIpAddress: { } remote, LocalIpAddress: { } local } && IPAddress.IsLoopback(remote) && IPAddress.IsLoopback(local)
            && (context.Request.Host.Host == "localhost" || (IPAddress.TryParse(context.Request.Host.Host, out IPAddress? host) && IPAddress.IsLoopback(host)))
            && !HttpProtocol.IsHttp10(context.Request.Protocol)
            && !Array.Exists(SignsOfOthers, context.Request.Headers.ContainsKey);

    /// <summary>What has a rate of its own: the lookups of a client, or its votes. Of clients that nobody knows, each address.</summary>
    private readonly record struct Rated(uint Client, IPAddress? Address, bool IsVote);
}
