using Microsoft.EntityFrameworkCore.Design;
using Symantec.Virtualization.Management.Server.Storage;

namespace Symantec.Virtualization.Management.Server.Tests;

// dotnet ef migrations add NAME --context SqliteManagementContext --project src/Management.Server --startup-project tests/Management.Server.Tests --output-dir Storage/Migrations/Sqlite
// dotnet ef migrations add NAME --context PostgresManagementContext --project src/Management.Server --startup-project tests/Management.Server.Tests --output-dir Storage/Migrations/PostgreSql

/// <summary>The tables in a file, for the tool that writes migrations; it opens none.</summary>
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteManagementContext>
{
    public SqliteManagementContext CreateDbContext(string[] args) => new(ManagementDatabase.SqliteOptions(new ManagementServerOptions { ConnectionString = "Data Source=:memory:" }));
}

/// <summary>The tables in a server, for the tool that writes migrations; it reaches none.</summary>
internal sealed class PostgresDesignTime : IDesignTimeDbContextFactory<PostgresManagementContext>
{
    public PostgresManagementContext CreateDbContext(string[] args) => new(ManagementDatabase.PostgresOptions("Host=localhost"));
}
