using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Symantec.Virtualization.Management.Server.Storage;

/// <summary>The manager's tables. Each engine has a class of its own, since its migrations are its own.</summary>
internal abstract class ManagementContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<ClientRecord> Clients => Set<ClientRecord>();

    public DbSet<TagRecord> Tags => Set<TagRecord>();

    public DbSet<PropertyRecord> Properties => Set<PropertyRecord>();

    public DbSet<ImageUseRecord> Images => Set<ImageUseRecord>();

    public DbSet<GroupRecord> Groups => Set<GroupRecord>();

    public DbSet<TokenRecord> Tokens => Set<TokenRecord>();

    public DbSet<PolicyRecord> Policies => Set<PolicyRecord>();

    public DbSet<BatchRecord> Batches => Set<BatchRecord>();

    public DbSet<ScanRecord> Scans => Set<ScanRecord>();

    public DbSet<DetectionRecord> Detections => Set<DetectionRecord>();

    public DbSet<SavingRecord> Savings => Set<SavingRecord>();

    public DbSet<RecallRecord> Recalls => Set<RecallRecord>();

    public DbSet<RelianceRecord> Reliances => Set<RelianceRecord>();

    public DbSet<AdministratorRecord> Administrators => Set<AdministratorRecord>();

    public DbSet<SessionRecord> Sessions => Set<SessionRecord>();

    public DbSet<ApiKeyRecord> ApiKeys => Set<ApiKeyRecord>();

    public DbSet<AuditRecord> Audit => Set<AuditRecord>();

    /// <summary>Gets the collation that orders by code points, as searches with a beginning need it; null where that is so anyway.</summary>
    protected abstract string? BinaryCollation { get; }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // SQLite knows no time with a zone. Milliseconds are ordered and compared alike in every engine.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();
        configurationBuilder.Properties<DateTimeOffset?>().HaveConversion<UnixMilliseconds>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ClientRecord>(client =>
        {
            client.ToTable("Clients");
            client.Property(static c => c.Sequence).IsConcurrencyToken();
            foreach (string axis in (string[])
            [
                nameof(ClientRecord.NameKey), nameof(ClientRecord.Machine), nameof(ClientRecord.Product), nameof(ClientRecord.Family), nameof(ClientRecord.Role), nameof(ClientRecord.Cloud),
                nameof(ClientRecord.Container), nameof(ClientRecord.Broker), nameof(ClientRecord.GroupId), nameof(ClientRecord.HardwareId), nameof(ClientRecord.LastSeen), nameof(ClientRecord.Expires),
                nameof(ClientRecord.Detections), nameof(ClientRecord.Standing), nameof(ClientRecord.Definitions),
            ])
            {
                client.HasIndex(axis);
            }

            client.HasOne<GroupRecord>().WithMany().HasForeignKey(static c => c.GroupId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<TagRecord>(tag =>
        {
            tag.ToTable("Tags").HasKey(static t => t.ClientId);
            tag.HasOne<ClientRecord>().WithOne().HasForeignKey<TagRecord>(static t => t.ClientId);
        });
        modelBuilder.Entity<PropertyRecord>(property =>
        {
            property.ToTable("Properties").HasKey(static p => new { p.ClientId, p.Name });
            property.HasIndex(static p => new { p.Name, p.ValueKey });
            property.HasOne<ClientRecord>().WithMany().HasForeignKey(static p => p.ClientId);
        });
        modelBuilder.Entity<ImageUseRecord>(image =>
        {
            image.ToTable("ImagesInUse").HasKey(static i => new { i.ClientId, i.SealId });
            image.HasIndex(static i => i.SealId);
            image.HasIndex(static i => i.ImageKey);
            image.HasOne<ClientRecord>().WithMany().HasForeignKey(static i => i.ClientId);
        });
        modelBuilder.Entity<GroupRecord>(group =>
        {
            group.ToTable("Groups").HasIndex(static g => g.PathKey).IsUnique();
            group.HasData(new GroupRecord { Id = GroupTree.RootId, Name = "All", PathKey = "/" });
            group.HasOne<GroupRecord>().WithMany().HasForeignKey(static g => g.ParentId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<TokenRecord>(token =>
        {
            token.ToTable("EnrolmentTokens").HasIndex(static t => t.Hash).IsUnique();
            token.HasOne<GroupRecord>().WithMany().HasForeignKey(static t => t.GroupId).OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<PolicyRecord>(policy =>
        {
            policy.ToTable("Policies").HasIndex(static p => new { p.GroupId, p.Number }).IsUnique();
            policy.HasOne<GroupRecord>().WithMany().HasForeignKey(static p => p.GroupId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<BatchRecord>(batch =>
        {
            batch.ToTable("Batches").HasKey(static b => new { b.ClientId, b.BatchId });
            batch.HasIndex(static b => b.Received);
        });

        // What was reported outlives the client: a desktop that is gone tomorrow was infected yesterday all the same.
        modelBuilder.Entity<ScanRecord>(scan =>
        {
            scan.ToTable("Scans").HasIndex(static s => new { s.ClientId, s.Started });
            scan.HasIndex(static s => s.Started);
        });
        modelBuilder.Entity<DetectionRecord>(detection =>
        {
            detection.ToTable("Detections").HasIndex(static d => d.ClientId);
            detection.HasIndex(static d => d.Time);
            detection.HasIndex(static d => d.Hash);
            detection.HasIndex(static d => d.ThreatKey);
        });
        modelBuilder.Entity<SavingRecord>(saving =>
        {
            saving.ToTable("Savings").HasIndex(static s => new { s.ClientId, s.Day, s.Exemption, s.ImageId, s.SealId }).IsUnique();
            saving.HasIndex(static s => s.Day);
        });
        modelBuilder.Entity<RecallRecord>().ToTable("Recalls").HasKey(static r => r.Hash);
        modelBuilder.Entity<RelianceRecord>(reliance =>
            reliance.ToTable("Reliances").HasIndex(static r => new { r.Hash, r.ClientId, r.Exemption, r.SealId }).IsUnique());
        modelBuilder.Entity<AdministratorRecord>().ToTable("Administrators").HasIndex(static a => a.NameKey).IsUnique();
        modelBuilder.Entity<SessionRecord>(session =>
        {
            session.ToTable("Sessions").HasKey(static s => s.Hash);
            session.HasOne<AdministratorRecord>().WithMany().HasForeignKey(static s => s.AdministratorId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<ApiKeyRecord>(key =>
        {
            key.ToTable("ApiKeys").HasIndex(static k => k.Hash).IsUnique();
            key.HasOne<AdministratorRecord>().WithMany().HasForeignKey(static k => k.AdministratorId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<AuditRecord>(audit =>
        {
            audit.ToTable("Audit").HasIndex(static a => a.Time);
            audit.HasIndex(static a => a.Actor);
        });
        if (BinaryCollation is { } collation)
        {
            foreach (Microsoft.EntityFrameworkCore.Metadata.IMutableProperty property in
                modelBuilder.Model.GetEntityTypes().SelectMany(static type => type.GetProperties()).Where(static property => property.ClrType == typeof(string)))
            {
                property.SetCollation(collation);
            }
        }
    }

    private sealed class UnixMilliseconds() : ValueConverter<DateTimeOffset, long>(
        static time => time.ToUnixTimeMilliseconds(), static milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
}

/// <summary>The tables in a file.</summary>
internal sealed class SqliteManagementContext(DbContextOptions<SqliteManagementContext> options) : ManagementContext(options)
{
    protected override string? BinaryCollation => null;
}

/// <summary>The tables in a PostgreSQL server.</summary>
internal sealed class PostgresManagementContext(DbContextOptions<PostgresManagementContext> options) : ManagementContext(options)
{
    protected override string? BinaryCollation => "C";
}
