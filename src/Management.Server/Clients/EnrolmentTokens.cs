using Microsoft.EntityFrameworkCore;
using Symantec.Virtualization.Management.Server.Storage;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Server;

/// <summary>The tokens by which machines enrol. Safe for concurrent use.</summary>
public sealed class EnrolmentTokens
{
    private const int MaxHours = 24 * 365;
    private const int MaxMaxUses = 1_000_000;
    private const int MaxNote = 128;

    private readonly ManagementDatabase _database;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;

    internal EnrolmentTokens(ManagementDatabase database, AuditLog audit, TimeProvider time)
    {
        _database = database;
        _audit = audit;
        _time = time;
    }

    /// <summary>Makes a token.</summary>
    /// <param name="request">For what, how long and how often.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The token, told this once.</returns>
    /// <exception cref="ManagementException">A member is not as it must be, or there is no such group.</exception>
    public async Task<NewEnrolmentToken> AddAsync(EnrolmentTokenRequest request, Actor actor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(actor);
        Require(request.Hours is >= 1 and <= MaxHours, $"hours: {request.Hours} is not from 1 to {MaxHours}.");
        Require(request.MaxUses is >= 1 and <= MaxMaxUses, $"maxUses: {request.MaxUses} is not from 1 to {MaxMaxUses}.");
        Require(request.LifetimeSeconds is null or (>= 300 and <= 315_360_000), "lifetimeSeconds: a number from 300 to 315,360,000 is needed.");
        Require(request.Note is { Length: <= MaxNote }, $"note: at most {MaxNote} characters are taken.");
        string token = Secrets.Make("enrol-");
        TokenRecord record = new()
        {
            Hash = Secrets.HashOf(token),
            Note = PrintableText.Escape(request.Note),
            GroupId = request.GroupId,
            Created = _time.GetUtcNow(),
            CreatedBy = actor.Name,
            Expires = _time.GetUtcNow().AddHours(request.Hours),
            MaxUses = request.MaxUses,
            LifetimeSeconds = request.LifetimeSeconds,
        };
        await _database.WriteAsync(
            async context =>
            {
                Require(await context.Groups.AnyAsync(g => g.Id == request.GroupId, cancellationToken).ConfigureAwait(false), "groupId: there is no such group.");
                record.Id = 0;
                context.Tokens.Add(record);
                await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
                _audit.Add(context, actor, "token.add", $"token {record.Id}", $"{record.Note}: {record.MaxUses} uses until {record.Expires:u}");
            },
            cancellationToken).ConfigureAwait(false);
        return new NewEnrolmentToken(token, Describe(record));
    }

    /// <summary>Reads all tokens, the newest first, without what machines show.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The tokens.</returns>
    public async Task<IReadOnlyList<EnrolmentTokenDocument>> ListAsync(CancellationToken cancellationToken = default)
    {
        await using ManagementContext context = _database.Open();
        return [.. (await context.Tokens.OrderByDescending(static t => t.Id).Take(1000).ToListAsync(cancellationToken).ConfigureAwait(false)).Select(Describe)];
    }

    /// <summary>Takes a token back. Clients that have enrolled by it stay.</summary>
    /// <param name="id">The token.</param>
    /// <param name="actor">Who does.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="ManagementException">There is no such token.</exception>
    public Task RevokeAsync(int id, Actor actor, CancellationToken cancellationToken = default) => _database.WriteAsync(
        async context =>
        {
            if (await context.Tokens.Where(t => t.Id == id).ExecuteUpdateAsync(static set => set.SetProperty(static t => t.Revoked, true), cancellationToken).ConfigureAwait(false) == 0)
            {
                throw ManagementException.NotFound("token");
            }

            _audit.Add(context, actor, "token.revoke", $"token {id}");
        },
        cancellationToken);

    /// <summary>Uses a token once, within the transaction of the enrolment.</summary>
    internal static async Task<TokenRecord> UseAsync(ManagementContext context, string token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        byte[] hash = Secrets.HashOf(token);

        // Counted by the database itself: of two that use the last use at once, one is refused.
        int used = await context.Tokens.Where(t => t.Hash == hash && !t.Revoked && t.Uses < t.MaxUses && t.Expires > now)
            .ExecuteUpdateAsync(static set => set.SetProperty(static t => t.Uses, static t => t.Uses + 1), cancellationToken).ConfigureAwait(false);
        return used == 1
            ? await context.Tokens.AsNoTracking().SingleAsync(t => t.Hash == hash, cancellationToken).ConfigureAwait(false)
            : throw new ManagementException(ManagementFault.Unauthenticated, "The token is not known, used up, expired or revoked.");
    }

    private static EnrolmentTokenDocument Describe(TokenRecord t)
        => new(t.Id, t.Note, t.GroupId, t.Created, t.CreatedBy, t.Expires, t.MaxUses, t.Uses, t.Revoked, t.LifetimeSeconds);

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw ManagementException.Invalid(message);
        }
    }
}
