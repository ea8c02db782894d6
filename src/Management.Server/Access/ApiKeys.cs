using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Server.Storage;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server;

/// <summary>Keys for scripts, each of an account. Safe for concurrent use.</summary>
public sealed class ApiKeys
{
    private const int MaxName = 64;
    private const int MaxDays = 3650;

    private static readonly TimeSpan Exactness = TimeSpan.FromMinutes(1);

    private readonly ManagementDatabase _database;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;

    internal ApiKeys(ManagementDatabase database, AuditLog audit, TimeProvider time)
    {
        _database = database;
        _audit = audit;
        _time = time;
    }

    /// <summary>Reads all keys, without what scripts show.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The keys.</returns>
    public async Task<IReadOnlyList<ApiKeyDocument>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ManagementContext context = _database.Open();
        return await context.ApiKeys.Join(context.Administrators, static k => k.AdministratorId, static a => a.Id, static (k, a) => new { k, a.Name })
            .OrderBy(static pair => pair.k.Id)
            .Select(static pair => new ApiKeyDocument(pair.k.Id, pair.k.Name, pair.Name, pair.k.Role, pair.k.Created, pair.k.Expires, pair.k.LastUsed))
            .ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a key.</summary>
    /// <param name="administratorId">Whose it is.</param>
    /// <param name="name">What it is for.</param>
    /// <param name="role">What it may do: no more than the account.</param>
    /// <param name="days">For how many days it counts; <see langword="null"/> for ever.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The key, told this once.</returns>
    /// <exception cref="ManagementException">A member is not as it must be, or there is no such account.</exception>
    public async Task<NewApiKey> AddAsync(int administratorId, string name, AdministratorRole role, int? days, Actor actor, CancellationToken cancellationToken = default)
    {
        if (name is not { Length: > 0 and <= MaxName } || days is <= 0 or > MaxDays || !Enum.IsDefined(role))
        {
            throw ManagementException.Invalid($"name, role, days: a name of 1 to {MaxName} characters, a role, and 1 to {MaxDays} days or none are needed.");
        }

        string key = Secrets.Make("key-");
        return await _database.WriteAsync(
            async context =>
            {
                AdministratorRecord owner = await context.Administrators.SingleOrDefaultAsync(a => a.Id == administratorId, cancellationToken).ConfigureAwait(false)
                    ?? throw ManagementException.NotFound("account");
                if (role > owner.Role)
                {
                    throw ManagementException.Invalid("role: a key may do no more than its account.");
                }

                DateTimeOffset now = _time.GetUtcNow();
                ApiKeyRecord record = new()
                {
                    Hash = Secrets.HashOf(key), Name = PrintableText.Escape(name), AdministratorId = owner.Id, Role = role, Created = now, Expires = days is { } d ? now.AddDays(d) : null,
                };
                context.ApiKeys.Add(record);
                _audit.Add(context, actor, "key.add", record.Name, $"{owner.Name}: {role}");
                await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
                return new NewApiKey(key, new ApiKeyDocument(record.Id, record.Name, owner.Name, role, now, record.Expires, null));
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a key back.</summary>
    /// <param name="id">The key.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="ManagementException">There is no such key.</exception>
    public Task RevokeAsync(int id, Actor actor, CancellationToken cancellationToken = default) => _database.WriteAsync(
        async context =>
        {
            if (await context.ApiKeys.Where(k => k.Id == id).ExecuteDeleteAsync(cancellationToken).ConfigureAwait(false) == 0)
            {
                throw ManagementException.NotFound("key");
            }

            _audit.Add(context, actor, "key.revoke", $"key {id}");
        },
        cancellationToken);

    /// <summary>Tells whose key it is.</summary>
    internal async Task<SignedIn?> FindAsync(string key, CancellationToken cancellationToken)
    {
        byte[] hash = Secrets.HashOf(key);
        DateTimeOffset now = _time.GetUtcNow();
        await using ManagementContext context = _database.Open();
        var found = await context.ApiKeys.Where(k => k.Hash == hash && (k.Expires == null || k.Expires > now))
            .Join(context.Administrators.Where(static a => !a.Disabled), static k => k.AdministratorId, static a => a.Id, static (k, a) => new { k.Id, k.Name, k.Role, k.LastUsed, Owner = a })
            .SingleOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            return null;
        }

        if (found.LastUsed is not { } last || now - last > Exactness)
        {
            await _database.TouchAsync(
                touched => touched.ApiKeys.Where(k => k.Id == found.Id).ExecuteUpdateAsync(set => set.SetProperty(static k => k.LastUsed, now), cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }

        return new SignedIn(found.Owner.Id, $"{found.Owner.Name} (key {found.Name})", found.Role < found.Owner.Role ? found.Role : found.Owner.Role, false);
    }
}
