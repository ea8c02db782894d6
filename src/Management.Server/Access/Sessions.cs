using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Management.Server.Storage;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Signing in and out. A session is a secret in a cookie, of which the manager keeps the hash: it can be ended from here, and is worth nothing in a stolen database. Safe for concurrent use.</summary>
public sealed class Sessions
{
    private const string SecureCookie = "__Host-management";
    private const string PlainCookie = "management";

    /// <summary>How exact the time of the last request is.</summary>
    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);

    private readonly ManagementDatabase _database;
    private readonly Administrators _administrators;
    private readonly AuditLog _audit;
    private readonly Gate _gate;
    private readonly ManagementServerOptions _options;
    private readonly TimeProvider _time;

    internal Sessions(ManagementDatabase database, Administrators administrators, AuditLog audit, Gate gate, IOptions<ManagementServerOptions> options, TimeProvider time)
    {
        _database = database;
        _administrators = administrators;
        _audit = audit;
        _gate = gate;
        _options = options.Value;
        _time = time;
    }

    /// <summary>Signs somebody in, and sets the cookie of a session that never was before.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The name.</param>
    /// <param name="password">The password.</param>
    /// <returns>Who it is.</returns>
    /// <exception cref="ManagementException">The name or the password is wrong, the account is locked, or there were too many wrong ones from this address.</exception>
    public async Task<SignedIn> SignInAsync(HttpContext context, string? name, string? password)
    {
        ArgumentNullException.ThrowIfNull(context);
        string address = Gate.AddressOf(context);
        AdministratorRecord record;
        _gate.RequireTries(address);
        try
        {
            record = await _administrators.CheckAsync(name, password, address, context.RequestAborted).ConfigureAwait(false);
        }
        catch (ManagementException)
        {
            _gate.CountFailure(address);
            throw;
        }

        // Whatever session the browser has shown ends: nobody is signed in under a secret that somebody else may have put there.
        byte[]? before = Shown(context) is { } old ? Secrets.HashOf(old) : null;
        string secret = Secrets.Make();
        DateTimeOffset now = _time.GetUtcNow();
        await _database.WriteAsync(
            async tables =>
            {
                Administrators.RequireSame(record, await tables.Administrators.SingleOrDefaultAsync(a => a.Id == record.Id, context.RequestAborted).ConfigureAwait(false));
                if (before is not null)
                {
                    await tables.Sessions.Where(s => s.Hash == before).ExecuteDeleteAsync(context.RequestAborted).ConfigureAwait(false);
                }

                tables.Sessions.Add(new SessionRecord { Hash = Secrets.HashOf(secret), AdministratorId = record.Id, Created = now, LastUsed = now, Address = address });
                _audit.Add(tables, new Actor(record.Name, address), "session.sign-in", record.Name);
            },
            context.RequestAborted,
            isStrict: true).ConfigureAwait(false);
        context.Response.Cookies.Append(CookieOf(context), secret, Attributes(context));
        return new SignedIn(record.Id, record.Name, record.Role, record.MustChangePassword);
    }

    /// <summary>Ends the session that the browser shows.</summary>
    /// <param name="context">The request.</param>
    /// <returns>A task that ends when it is done.</returns>
    public async Task SignOutAsync(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Shown(context) is { } secret)
        {
            byte[] hash = Secrets.HashOf(secret);
            await _database.WriteAsync(tables => tables.Sessions.Where(s => s.Hash == hash).ExecuteDeleteAsync(context.RequestAborted), context.RequestAborted).ConfigureAwait(false);
        }

        context.Response.Cookies.Delete(CookieOf(context), Attributes(context));
    }

    /// <summary>Tells whose session the browser shows.</summary>
    internal async Task<SignedIn?> FindAsync(HttpContext context)
    {
        if (Shown(context) is not { } secret)
        {
            return null;
        }

        byte[] hash = Secrets.HashOf(secret);
        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset idle = now - _options.SessionIdleTime;
        DateTimeOffset oldest = now - _options.SessionLifetime;
        await using ManagementContext tables = _database.Open();
        var found = await tables.Sessions.Where(s => s.Hash == hash && s.LastUsed > idle && s.Created > oldest)
            .Join(tables.Administrators.Where(static a => !a.Disabled), static s => s.AdministratorId, static a => a.Id, static (s, a) => new { s.LastUsed, a.Id, a.Name, a.Role, a.MustChangePassword })
            .SingleOrDefaultAsync(context.RequestAborted).ConfigureAwait(false);
        if (found is null)
        {
            return null;
        }

        if (now - found.LastUsed > Exactness)
        {
            await _database.TouchAsync(
                touched => touched.Sessions.Where(s => s.Hash == hash).ExecuteUpdateAsync(set => set.SetProperty(static s => s.LastUsed, now), context.RequestAborted),
                context.RequestAborted).ConfigureAwait(false);
        }

        return new SignedIn(found.Id, found.Name, found.Role, found.MustChangePassword);
    }

    /// <summary>Clears away sessions that have ended.</summary>
    internal Task ForgetAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset idle = _time.GetUtcNow() - _options.SessionIdleTime;
        DateTimeOffset oldest = _time.GetUtcNow() - _options.SessionLifetime;
        return _database.WriteAsync(tables => tables.Sessions.Where(s => s.LastUsed < idle || s.Created < oldest).ExecuteDeleteAsync(cancellationToken), cancellationToken);
    }

    private static string? Shown(HttpContext context) => context.Request.Cookies[CookieOf(context)] is { Length: > 0 and <= 128 } secret ? secret : null;

    /// <summary>Over HTTPS, the name itself has browsers refuse a cookie that a neighbour or a page without HTTPS has set.</summary>
    private static string CookieOf(HttpContext context) => context.Request.IsHttps ? SecureCookie : PlainCookie;

    private static CookieOptions Attributes(HttpContext context) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        Path = "/",
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
    };
}
