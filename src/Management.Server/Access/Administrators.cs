using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Management.Server.Storage;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server;

/// <summary>The accounts of people. Passwords are hashed as ASP.NET Core Identity hashes them. Safe for concurrent use.</summary>
public sealed class Administrators
{
    /// <summary>The shortest password.</summary>
    public const int MinPassword = 12;

    /// <summary>The longest password.</summary>
    public const int MaxPassword = 128;

    /// <summary>The name of the first account.</summary>
    public const string FirstName = "admin";

    private const string Wrong = "The name or the password is wrong, or the account is locked.";
    private const int Turns = 64;
    private const int MaxName = 64;
    private const int MaxAccounts = 1000;

    private static readonly AdministratorRecord Nobody = new();
    private readonly PasswordHasher<AdministratorRecord> _hasher = new();
    private readonly string _nobodysHash;
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, Turns).Select(static _ => new SemaphoreSlim(1))];
    private readonly ManagementDatabase _database;
    private readonly AuditLog _audit;
    private readonly ManagementServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal Administrators(ManagementDatabase database, AuditLog audit, IOptions<ManagementServerOptions> options, TimeProvider time, ILogger<Administrators> logger)
    {
        _database = database;
        _audit = audit;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _nobodysHash = _hasher.HashPassword(Nobody, Secrets.Make());
    }

    /// <summary>Reads all accounts.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The accounts, by name.</returns>
    public async Task<IReadOnlyList<AdministratorDocument>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ManagementContext context = _database.Open();
        return [.. (await context.Administrators.OrderBy(static a => a.NameKey).ToListAsync(cancellationToken).ConfigureAwait(false)).Select(Describe)];
    }

    /// <summary>Makes an account with a one-time password.</summary>
    /// <param name="name">The name: 1 to 64 letters, digits, points, hyphens, underscores or @.</param>
    /// <param name="role">What it may do.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The account.</returns>
    /// <exception cref="ManagementException">The name is not allowed or taken.</exception>
    public async Task<NewAdministrator> AddAsync(string name, AdministratorRole role, Actor actor, CancellationToken cancellationToken = default)
    {
        if (name is not { Length: > 0 and <= MaxName } || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@'))
        {
            throw ManagementException.Invalid($"name: 1 to {MaxName} letters, digits, points, hyphens, underscores or @ are needed.");
        }

        if (!Enum.IsDefined(role))
        {
            throw ManagementException.Invalid("role: view, operate or administer is needed.");
        }

        string password = Secrets.Make()[..24];
        string hash = _hasher.HashPassword(Nobody, password);
        AdministratorRecord record = await _database.WriteAsync(
            async context =>
            {
                string key = name.ToLowerInvariant();
                if (await context.Administrators.AnyAsync(a => a.NameKey == key, cancellationToken).ConfigureAwait(false))
                {
                    throw new ManagementException(ManagementFault.Conflict, "name: there is an account of this name already.");
                }

                if (await context.Administrators.CountAsync(cancellationToken).ConfigureAwait(false) >= MaxAccounts)
                {
                    throw new ManagementException(ManagementFault.Conflict, $"At most {MaxAccounts} accounts are kept.");
                }

                AdministratorRecord added = new() { Name = name, NameKey = key, Role = role, PasswordHash = hash, MustChangePassword = true, Created = _time.GetUtcNow() };
                context.Administrators.Add(added);
                _audit.Add(context, actor, "administrator.add", name, role.ToString());
                await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
                return added;
            },
            cancellationToken).ConfigureAwait(false);
        return new NewAdministrator(Describe(record), password);
    }

    /// <summary>Changes what an account may do. Its sessions and keys end.</summary>
    /// <param name="id">The account.</param>
    /// <param name="role">What it may do; <see langword="null"/> as before.</param>
    /// <param name="disabled">Whether it may not sign in; <see langword="null"/> as before.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The account.</returns>
    /// <exception cref="ManagementException">There is no such account, or nobody would be left who administers.</exception>
    public async Task<AdministratorDocument> ChangeAsync(int id, AdministratorRole? role, bool? disabled, Actor actor, CancellationToken cancellationToken = default)
        => Describe(await _database.WriteAsync(
            async context =>
            {
                AdministratorRecord record = await FindAsync(context, id, cancellationToken).ConfigureAwait(false);
                record.Role = role ?? record.Role;
                record.Disabled = disabled ?? record.Disabled;
                await EndSessionsAsync(context, id, cancellationToken).ConfigureAwait(false);
                await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
                await RequireSomebodyAsync(context, cancellationToken).ConfigureAwait(false);
                _audit.Add(context, actor, "administrator.change", record.Name, $"{record.Role}{(record.Disabled ? ", disabled" : "")}");
                return record;
            },
            cancellationToken,
            isStrict: true).ConfigureAwait(false));

    /// <summary>Sets an account's password back to a one-time one. Its sessions end.</summary>
    /// <param name="id">The account.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The account.</returns>
    /// <exception cref="ManagementException">There is no such account.</exception>
    public async Task<NewAdministrator> ResetPasswordAsync(int id, Actor actor, CancellationToken cancellationToken = default)
    {
        string password = Secrets.Make()[..24];
        string hash = _hasher.HashPassword(Nobody, password);
        AdministratorRecord record = await _database.WriteAsync(
            async context =>
            {
                AdministratorRecord found = await FindAsync(context, id, cancellationToken).ConfigureAwait(false);
                found.PasswordHash = hash;
                found.MustChangePassword = true;
                found.Failures = 0;
                found.LockedUntil = null;
                await EndSessionsAsync(context, id, cancellationToken).ConfigureAwait(false);
                _audit.Add(context, actor, "administrator.reset-password", found.Name);
                return found;
            },
            cancellationToken).ConfigureAwait(false);
        return new NewAdministrator(Describe(record), password);
    }

    /// <summary>Deletes an account, with its sessions and keys.</summary>
    /// <param name="id">The account.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="ManagementException">There is no such account, or nobody would be left who administers.</exception>
    public Task DeleteAsync(int id, Actor actor, CancellationToken cancellationToken = default) => _database.WriteAsync(
        async context =>
        {
            AdministratorRecord record = await FindAsync(context, id, cancellationToken).ConfigureAwait(false);
            context.Administrators.Remove(record);
            await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
            await RequireSomebodyAsync(context, cancellationToken).ConfigureAwait(false);
            _audit.Add(context, actor, "administrator.delete", record.Name);
        },
        cancellationToken,
        isStrict: true);

    /// <summary>Changes somebody's own password. All sessions of the account end.</summary>
    /// <param name="id">The account.</param>
    /// <param name="current">The password that counts now.</param>
    /// <param name="next">The one that shall.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="ManagementException">The current password is wrong, or the next one is too short or the same.</exception>
    public async Task ChangePasswordAsync(int id, string current, string next, Actor actor, CancellationToken cancellationToken = default)
    {
        if (next is not { Length: >= MinPassword and <= MaxPassword } || next == current)
        {
            throw ManagementException.Invalid($"next: another password of {MinPassword} to {MaxPassword} characters is needed.");
        }

        AdministratorRecord known;
        await using (ManagementContext context = _database.Open())
        {
            known = await context.Administrators.SingleOrDefaultAsync(a => a.Id == id, cancellationToken).ConfigureAwait(false) ?? throw ManagementException.NotFound("account");
        }

        AdministratorRecord checkedRecord = await CheckAsync(known.Name, current, actor.Address, cancellationToken).ConfigureAwait(false);
        string hash = _hasher.HashPassword(Nobody, next);
        await _database.WriteAsync(
            async context =>
            {
                AdministratorRecord record = await FindAsync(context, id, cancellationToken).ConfigureAwait(false);
                RequireSame(checkedRecord, record);
                record.PasswordHash = hash;
                record.MustChangePassword = false;
                await EndSessionsAsync(context, id, cancellationToken).ConfigureAwait(false);
                _audit.Add(context, actor, "administrator.change-password", record.Name);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes sure, in the transaction that follows, that an account is still the one whose password was checked: it may have been reset or disabled meanwhile.</summary>
    internal static void RequireSame(AdministratorRecord before, AdministratorRecord? now)
    {
        if (now is null || now.Disabled || now.PasswordHash != before.PasswordHash)
        {
            throw new ManagementException(ManagementFault.Unauthenticated, Wrong);
        }
    }

    /// <summary>Tells whether a password is somebody's. Wrong ones lock the account for a while.</summary>
    internal async Task<AdministratorRecord> CheckAsync(string? name, string? password, string address, CancellationToken cancellationToken)
    {
        // One after the other for each account: of many tries at once, those behind the last one allowed find it locked.
        string key = (name ?? "").ToLowerInvariant();
        SemaphoreSlim turn = _turns[(key.GetHashCode(StringComparison.Ordinal) & int.MaxValue) % Turns];
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await CheckInTurnAsync(key, password, address, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<AdministratorRecord> CheckInTurnAsync(string key, string? password, string address, CancellationToken cancellationToken)
    {
        string shown = password is { Length: <= MaxPassword } ? password : "";
        AdministratorRecord? record;
        await using (ManagementContext context = _database.Open())
        {
            record = await context.Administrators.SingleOrDefaultAsync(a => a.NameKey == key, cancellationToken).ConfigureAwait(false);
        }

        // An unknown name takes as long as a known one.
        bool fits = _hasher.VerifyHashedPassword(record ?? Nobody, record?.PasswordHash ?? _nobodysHash, shown) != PasswordVerificationResult.Failed;
        DateTimeOffset now = _time.GetUtcNow();
        if (record is null || record.Disabled || record.LockedUntil > now)
        {
            Log.SignInRefused(_logger, PrintableText.Escape(key.Length <= MaxName ? key : key[..MaxName]), address);
            throw new ManagementException(ManagementFault.Unauthenticated, Wrong);
        }

        if (!fits)
        {
            Log.SignInRefused(_logger, record.Name, address);
            await CountFailureAsync(record.Id, now, address, cancellationToken).ConfigureAwait(false);
            throw new ManagementException(ManagementFault.Unauthenticated, Wrong);
        }

        if (record.Failures > 0 || record.LockedUntil is not null)
        {
            await _database.WriteAsync(
                context => context.Administrators.Where(a => a.Id == record.Id).ExecuteUpdateAsync(
                    static set => set.SetProperty(static a => a.Failures, 0).SetProperty(static a => a.LockedUntil, (DateTimeOffset?)null), cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }

        return record;
    }

    /// <summary>Makes the first account where there is none.</summary>
    internal async Task EnsureFirstAsync(CancellationToken cancellationToken)
    {
        await using (ManagementContext context = _database.Open())
        {
            if (await context.Administrators.AnyAsync(cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        NewAdministrator first = await AddAsync(FirstName, AdministratorRole.Administer, Actor.Manager, cancellationToken).ConfigureAwait(false);
        try
        {
            _options.FirstPassword(first.Administrator.Name, first.OneTimePassword);
        }
        catch
        {
            // An account whose password nobody was told would be the first and the last: the next start tries again.
            await _database.WriteAsync(context => context.Administrators.Where(a => a.Id == first.Administrator.Id).ExecuteDeleteAsync(CancellationToken.None), CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        Log.FirstAdministrator(_logger, FirstName);
    }

    private static AdministratorDocument Describe(AdministratorRecord a) => new(a.Id, a.Name, a.Role, a.MustChangePassword, a.Disabled, a.LockedUntil, a.Created);

    private static async Task<AdministratorRecord> FindAsync(ManagementContext context, int id, CancellationToken cancellationToken)
        => await context.Administrators.SingleOrDefaultAsync(a => a.Id == id, cancellationToken).ConfigureAwait(false) ?? throw ManagementException.NotFound("account");

    private static Task<int> EndSessionsAsync(ManagementContext context, int id, CancellationToken cancellationToken)
        => context.Sessions.Where(s => s.AdministratorId == id).ExecuteDeleteAsync(cancellationToken);

    private static async Task RequireSomebodyAsync(ManagementContext context, CancellationToken cancellationToken)
    {
        if (!await context.Administrators.AnyAsync(static a => a.Role == AdministratorRole.Administer && !a.Disabled, cancellationToken).ConfigureAwait(false))
        {
            throw new ManagementException(ManagementFault.Conflict, "Nobody would be left who administers.");
        }
    }

    private async Task CountFailureAsync(int id, DateTimeOffset now, string address, CancellationToken cancellationToken)
    {
        DateTimeOffset? locked = await _database.WriteAsync<DateTimeOffset?>(
            async context =>
            {
                AdministratorRecord record = await FindAsync(context, id, cancellationToken).ConfigureAwait(false);
                record.Failures++;
                if (record.Failures < _options.MaxSignInFailures)
                {
                    return null;
                }

                record.Failures = 0;
                record.LockedUntil = now + _options.LockoutTime;
                _audit.Add(context, new Actor("manager", address), "administrator.lock", record.Name, $"until {record.LockedUntil:u}");
                return record.LockedUntil;
            },
            cancellationToken).ConfigureAwait(false);
        if (locked is { } until)
        {
            Log.AccountLocked(_logger, $"account {id}", until);
        }
    }
}
