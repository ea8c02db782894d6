using System.Data;
using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.Management.Server.Storage;

/// <summary>Opens the tables. Safe for concurrent use.</summary>
internal sealed class ManagementDatabase : IDisposable
{
    /// <summary>What another transaction did meanwhile makes a transaction fail; done again, it sees it.</summary>
    private const int MaxTries = 12;

    private readonly Func<ManagementContext> _open;

    /// <summary>
    /// What a write has read must not be changed by another before it is written: PostgreSQL then refuses one of the two, which is done again. SQLite, with one writer, knows no other way.
    /// </summary>
    private readonly IsolationLevel _usual;

    /// <summary>SQLite lets one write at a time, and whoever finds it busy sleeps for 150 ms. Waiting here is fair and costs nothing.</summary>
    private readonly SemaphoreSlim? _writer;

    public ManagementDatabase(IOptions<ManagementServerOptions> options)
    {
        (_open, _writer, _usual) = options.Value.Database switch
        {
            DatabaseKind.PostgreSql => (OpenerOf(PostgresOptions(options.Value.ConnectionString!), static o => new PostgresManagementContext(o)), null, IsolationLevel.RepeatableRead),
            _ => (OpenerOf(SqliteOptions(options.Value), static o => new SqliteManagementContext(o)), new SemaphoreSlim(1), IsolationLevel.Serializable),
        };
    }

    /// <summary>The options with which the tool of Entity Framework writes migrations, too.</summary>
    public static DbContextOptions<PostgresManagementContext> PostgresOptions(string connection)
        => new DbContextOptionsBuilder<PostgresManagementContext>().UseNpgsql(connection).Options;

    /// <summary>The options with which the tool of Entity Framework writes migrations, too.</summary>
    public static DbContextOptions<SqliteManagementContext> SqliteOptions(ManagementServerOptions options)
        => new DbContextOptionsBuilder<SqliteManagementContext>()
            .UseSqlite(options.ConnectionString ?? new SqliteConnectionStringBuilder { DataSource = Path.Combine(options.DataFolder, "management.db") }.ToString())
            .AddInterceptors(new Durability())
            .Options;

    /// <summary>Opens the tables for reading.</summary>
    public ManagementContext Open()
    {
        ManagementContext context = _open();
        context.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return context;
    }

    /// <summary>Writes in a transaction, again if another one came between.</summary>
    /// <param name="write">Writes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="isStrict">Whether also what it only reads must stay as it is: one of two that would each leave an administrator fails.</param>
    public Task WriteAsync(Func<ManagementContext, Task> write, CancellationToken cancellationToken, bool isStrict = false)
        => WriteAsync(
            async context =>
            {
                await write(context).ConfigureAwait(false);
                return true;
            },
            cancellationToken,
            isStrict);

    /// <summary>Writes in a transaction, again if another one came between.</summary>
    public async Task<T> WriteAsync<T>(Func<ManagementContext, Task<T>> write, CancellationToken cancellationToken, bool isStrict = false)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return await OnceAsync(write, isStrict ? IsolationLevel.Serializable : _usual, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (tries < MaxTries && CameBetween(e))
            {
                // The next try sees what came between. Those that met once are not to meet again.
                await Task.Delay(RandomNumberGenerator.GetInt32(1, 4 * tries * tries), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Does one statement that need not outlive a power cut, without a transaction of its own.</summary>
    public async Task<int> TouchAsync(Func<ManagementContext, Task<int>> statement, CancellationToken cancellationToken)
    {
        using Turn turn = await TurnAsync(cancellationToken).ConfigureAwait(false);
        await using ManagementContext context = _open();
        Durability.Relax(context);
        return await statement(context).ConfigureAwait(false);
    }

    /// <summary>Brings the tables to this version's form.</summary>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using ManagementContext context = _open();
        await context.Database.MigrateAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _writer?.Dispose();

    private static Func<ManagementContext> OpenerOf<T>(DbContextOptions<T> options, Func<DbContextOptions<T>, T> make)
        where T : ManagementContext
        => () => make(options);

    private static bool CameBetween(Exception e) => e switch
    {
        DbUpdateConcurrencyException => true,
        DbUpdateException { InnerException: { } inner } => CameBetween(inner),
        InvalidOperationException { InnerException: DbException or DbUpdateException } => CameBetween(e.InnerException), // how Entity Framework wraps what PostgreSQL says may pass
        SqliteException { SqliteErrorCode: 5 or 6 or 19 } => true, // busy, locked, constraint
        DbException { SqlState: "23505" or "40001" or "40P01" } => true, // unique violation, serialization failure, deadlock
        _ => false,
    };

    private async Task<T> OnceAsync<T>(Func<ManagementContext, Task<T>> write, IsolationLevel isolation, CancellationToken cancellationToken)
    {
        using Turn turn = await TurnAsync(cancellationToken).ConfigureAwait(false);
        await using ManagementContext context = _open();
        await using Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction = await context.Database.BeginTransactionAsync(isolation, cancellationToken).ConfigureAwait(false);
        T result = await write(context).ConfigureAwait(false);
        await context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }

    private async ValueTask<Turn> TurnAsync(CancellationToken cancellationToken)
    {
        if (_writer is not null)
        {
            await _writer.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return new Turn(_writer);
    }

    private readonly struct Turn(SemaphoreSlim? writer) : IDisposable
    {
        public void Dispose() => writer?.Release();
    }

    /// <summary>
    /// What a client was told is kept is on the disk: that is SQLite's own way with <c>FULL</c>. A heartbeat that a power cut takes away is followed by the next one, and so need not be waited for.
    /// </summary>
    private sealed class Durability : DbConnectionInterceptor
    {
        private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<DbContext, object> Relaxed = [];

        public static void Relax(DbContext context) => Relaxed.AddOrUpdate(context, context);

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using DbCommand command = CommandOf(connection, eventData);
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            DbCommand command = CommandOf(connection, eventData);
            await using (command.ConfigureAwait(false))
            {
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        private static DbCommand CommandOf(DbConnection connection, ConnectionEndEventData eventData)
        {
            bool relaxed = eventData.Context is { } context && Relaxed.TryGetValue(context, out _);
            DbCommand command = connection.CreateCommand();
            command.CommandText = relaxed ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL";
            return command;
        }
    }
}
