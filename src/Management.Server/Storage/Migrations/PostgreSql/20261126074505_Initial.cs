using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Symantec.Virtualization.Management.Server.Storage.Migrations.PostgreSql
{
    /// <inheritdoc />
    internal partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Administrators",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    NameKey = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PasswordHash = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Role = table.Column<int>(type: "integer", nullable: false),
                    MustChangePassword = table.Column<bool>(type: "boolean", nullable: false),
                    Disabled = table.Column<bool>(type: "boolean", nullable: false),
                    Failures = table.Column<int>(type: "integer", nullable: false),
                    LockedUntil = table.Column<long>(type: "bigint", nullable: true),
                    Created = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Administrators", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Audit",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Time = table.Column<long>(type: "bigint", nullable: false),
                    Actor = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Act = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Target = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Detail = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Address = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Audit", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Batches",
                columns: table => new
                {
                    ClientId = table.Column<Guid>(type: "uuid", nullable: false),
                    BatchId = table.Column<Guid>(type: "uuid", nullable: false),
                    Received = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Batches", x => new { x.ClientId, x.BatchId });
                });

            migrationBuilder.CreateTable(
                name: "Detections",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    ClientId = table.Column<Guid>(type: "uuid", nullable: false),
                    ClientName = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Time = table.Column<long>(type: "bigint", nullable: false),
                    Received = table.Column<long>(type: "bigint", nullable: false),
                    Threat = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ThreatKey = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Location = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Hash = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Length = table.Column<long>(type: "bigint", nullable: false),
                    Trigger = table.Column<int>(type: "integer", nullable: false),
                    Action = table.Column<int>(type: "integer", nullable: false),
                    Definitions = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    SealId = table.Column<Guid>(type: "uuid", nullable: true),
                    ImageId = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Detections", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Groups",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    ParentId = table.Column<int>(type: "integer", nullable: true),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PathKey = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Groups", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Groups_Groups_ParentId",
                        column: x => x.ParentId,
                        principalTable: "Groups",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Recalls",
                columns: table => new
                {
                    Hash = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Threat = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Created = table.Column<long>(type: "bigint", nullable: false),
                    Author = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Recalls", x => x.Hash);
                });

            migrationBuilder.CreateTable(
                name: "Reliances",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    ClientId = table.Column<Guid>(type: "uuid", nullable: false),
                    ClientName = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Hash = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Exemption = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    SealId = table.Column<Guid>(type: "uuid", nullable: false),
                    ImageId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Location = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    First = table.Column<long>(type: "bigint", nullable: false),
                    Last = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Reliances", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Savings",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    ClientId = table.Column<Guid>(type: "uuid", nullable: false),
                    ClientName = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Day = table.Column<int>(type: "integer", nullable: false),
                    Exemption = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ImageId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    SealId = table.Column<Guid>(type: "uuid", nullable: false),
                    Contents = table.Column<long>(type: "bigint", nullable: false),
                    Bytes = table.Column<long>(type: "bigint", nullable: false),
                    Milliseconds = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Savings", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Scans",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    ClientId = table.Column<Guid>(type: "uuid", nullable: false),
                    ClientName = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Started = table.Column<long>(type: "bigint", nullable: false),
                    Trigger = table.Column<int>(type: "integer", nullable: false),
                    Target = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Definitions = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Contents = table.Column<long>(type: "bigint", nullable: false),
                    Bytes = table.Column<long>(type: "bigint", nullable: false),
                    Infected = table.Column<long>(type: "bigint", nullable: false),
                    Incomplete = table.Column<long>(type: "bigint", nullable: false),
                    Failed = table.Column<long>(type: "bigint", nullable: false),
                    Skipped = table.Column<long>(type: "bigint", nullable: false),
                    Problems = table.Column<long>(type: "bigint", nullable: false),
                    BytesSaved = table.Column<long>(type: "bigint", nullable: false),
                    MillisecondsSaved = table.Column<long>(type: "bigint", nullable: false),
                    Milliseconds = table.Column<long>(type: "bigint", nullable: false),
                    Cancelled = table.Column<bool>(type: "boolean", nullable: false),
                    Ledger = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Scans", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ApiKeys",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    AdministratorId = table.Column<int>(type: "integer", nullable: false),
                    Role = table.Column<int>(type: "integer", nullable: false),
                    Created = table.Column<long>(type: "bigint", nullable: false),
                    Expires = table.Column<long>(type: "bigint", nullable: true),
                    LastUsed = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApiKeys", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ApiKeys_Administrators_AdministratorId",
                        column: x => x.AdministratorId,
                        principalTable: "Administrators",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Sessions",
                columns: table => new
                {
                    Hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    AdministratorId = table.Column<int>(type: "integer", nullable: false),
                    Created = table.Column<long>(type: "bigint", nullable: false),
                    LastUsed = table.Column<long>(type: "bigint", nullable: false),
                    Address = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Sessions", x => x.Hash);
                    table.ForeignKey(
                        name: "FK_Sessions_Administrators_AdministratorId",
                        column: x => x.AdministratorId,
                        principalTable: "Administrators",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Clients",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    NameKey = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    SecretHash = table.Column<byte[]>(type: "bytea", nullable: false),
                    GroupId = table.Column<int>(type: "integer", nullable: false),
                    HardwareId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    GenerationId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    PreviousMachine = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Standing = table.Column<int>(type: "integer", nullable: false),
                    RelatedTo = table.Column<Guid>(type: "uuid", nullable: true),
                    Enrolled = table.Column<long>(type: "bigint", nullable: false),
                    LastSeen = table.Column<long>(type: "bigint", nullable: false),
                    Expires = table.Column<long>(type: "bigint", nullable: true),
                    LifetimeSeconds = table.Column<long>(type: "bigint", nullable: true),
                    Sequence = table.Column<long>(type: "bigint", nullable: false),
                    AgentVersion = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    StateDetail = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Engine = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Definitions = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    DefinitionsSequence = table.Column<long>(type: "bigint", nullable: false),
                    DefinitionsPublished = table.Column<long>(type: "bigint", nullable: true),
                    PolicyTag = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Machine = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Product = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Family = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Vendor = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Platform = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    HypervisorVersion = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Interface = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Mode = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Role = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Cloud = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    InstanceType = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Container = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Orchestrator = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Confidential = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Broker = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Pool = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    MadeAs = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Persistent = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Chain = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    HasGenerationId = table.Column<bool>(type: "boolean", nullable: false),
                    Contradictory = table.Column<bool>(type: "boolean", nullable: false),
                    Detections = table.Column<long>(type: "bigint", nullable: false),
                    LastDetection = table.Column<long>(type: "bigint", nullable: true),
                    SearchText = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Clients", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Clients_Groups_GroupId",
                        column: x => x.GroupId,
                        principalTable: "Groups",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "EnrolmentTokens",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    Note = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    GroupId = table.Column<int>(type: "integer", nullable: false),
                    Created = table.Column<long>(type: "bigint", nullable: false),
                    CreatedBy = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Expires = table.Column<long>(type: "bigint", nullable: false),
                    MaxUses = table.Column<int>(type: "integer", nullable: false),
                    Uses = table.Column<int>(type: "integer", nullable: false),
                    Revoked = table.Column<bool>(type: "boolean", nullable: false),
                    LifetimeSeconds = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_EnrolmentTokens", x => x.Id);
                    table.ForeignKey(
                        name: "FK_EnrolmentTokens_Groups_GroupId",
                        column: x => x.GroupId,
                        principalTable: "Groups",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Policies",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    GroupId = table.Column<int>(type: "integer", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Document = table.Column<byte[]>(type: "bytea", nullable: true),
                    Created = table.Column<long>(type: "bigint", nullable: false),
                    Author = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Comment = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    RestoredFrom = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Policies", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Policies_Groups_GroupId",
                        column: x => x.GroupId,
                        principalTable: "Groups",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ImagesInUse",
                columns: table => new
                {
                    ClientId = table.Column<Guid>(type: "uuid", nullable: false),
                    SealId = table.Column<Guid>(type: "uuid", nullable: false),
                    ImageId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ImageKey = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    First = table.Column<long>(type: "bigint", nullable: false),
                    Last = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ImagesInUse", x => new { x.ClientId, x.SealId });
                    table.ForeignKey(
                        name: "FK_ImagesInUse_Clients_ClientId",
                        column: x => x.ClientId,
                        principalTable: "Clients",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Properties",
                columns: table => new
                {
                    ClientId = table.Column<Guid>(type: "uuid", nullable: false),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Value = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ValueKey = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Properties", x => new { x.ClientId, x.Name });
                    table.ForeignKey(
                        name: "FK_Properties_Clients_ClientId",
                        column: x => x.ClientId,
                        principalTable: "Clients",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "Tags",
                columns: table => new
                {
                    ClientId = table.Column<Guid>(type: "uuid", nullable: false),
                    Time = table.Column<long>(type: "bigint", nullable: false),
                    Report = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Tags", x => x.ClientId);
                    table.ForeignKey(
                        name: "FK_Tags_Clients_ClientId",
                        column: x => x.ClientId,
                        principalTable: "Clients",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.InsertData(
                table: "Groups",
                columns: new[] { "Id", "Name", "ParentId", "PathKey" },
                values: new object[] { 1, "All", null, "/" });

            migrationBuilder.CreateIndex(
                name: "IX_Administrators_NameKey",
                table: "Administrators",
                column: "NameKey",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ApiKeys_AdministratorId",
                table: "ApiKeys",
                column: "AdministratorId");

            migrationBuilder.CreateIndex(
                name: "IX_ApiKeys_Hash",
                table: "ApiKeys",
                column: "Hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Audit_Actor",
                table: "Audit",
                column: "Actor");

            migrationBuilder.CreateIndex(
                name: "IX_Audit_Time",
                table: "Audit",
                column: "Time");

            migrationBuilder.CreateIndex(
                name: "IX_Batches_Received",
                table: "Batches",
                column: "Received");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Broker",
                table: "Clients",
                column: "Broker");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Cloud",
                table: "Clients",
                column: "Cloud");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Container",
                table: "Clients",
                column: "Container");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Definitions",
                table: "Clients",
                column: "Definitions");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Detections",
                table: "Clients",
                column: "Detections");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Expires",
                table: "Clients",
                column: "Expires");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Family",
                table: "Clients",
                column: "Family");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_GroupId",
                table: "Clients",
                column: "GroupId");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_HardwareId",
                table: "Clients",
                column: "HardwareId");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_LastSeen",
                table: "Clients",
                column: "LastSeen");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Machine",
                table: "Clients",
                column: "Machine");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_NameKey",
                table: "Clients",
                column: "NameKey");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Product",
                table: "Clients",
                column: "Product");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Role",
                table: "Clients",
                column: "Role");

            migrationBuilder.CreateIndex(
                name: "IX_Clients_Standing",
                table: "Clients",
                column: "Standing");

            migrationBuilder.CreateIndex(
                name: "IX_Detections_ClientId",
                table: "Detections",
                column: "ClientId");

            migrationBuilder.CreateIndex(
                name: "IX_Detections_Hash",
                table: "Detections",
                column: "Hash");

            migrationBuilder.CreateIndex(
                name: "IX_Detections_ThreatKey",
                table: "Detections",
                column: "ThreatKey");

            migrationBuilder.CreateIndex(
                name: "IX_Detections_Time",
                table: "Detections",
                column: "Time");

            migrationBuilder.CreateIndex(
                name: "IX_EnrolmentTokens_GroupId",
                table: "EnrolmentTokens",
                column: "GroupId");

            migrationBuilder.CreateIndex(
                name: "IX_EnrolmentTokens_Hash",
                table: "EnrolmentTokens",
                column: "Hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Groups_ParentId",
                table: "Groups",
                column: "ParentId");

            migrationBuilder.CreateIndex(
                name: "IX_Groups_PathKey",
                table: "Groups",
                column: "PathKey",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ImagesInUse_ImageKey",
                table: "ImagesInUse",
                column: "ImageKey");

            migrationBuilder.CreateIndex(
                name: "IX_ImagesInUse_SealId",
                table: "ImagesInUse",
                column: "SealId");

            migrationBuilder.CreateIndex(
                name: "IX_Policies_GroupId_Number",
                table: "Policies",
                columns: new[] { "GroupId", "Number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Properties_Name_ValueKey",
                table: "Properties",
                columns: new[] { "Name", "ValueKey" });

            migrationBuilder.CreateIndex(
                name: "IX_Reliances_Hash_ClientId_Exemption_SealId",
                table: "Reliances",
                columns: new[] { "Hash", "ClientId", "Exemption", "SealId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Savings_ClientId_Day_Exemption_ImageId_SealId",
                table: "Savings",
                columns: new[] { "ClientId", "Day", "Exemption", "ImageId", "SealId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Savings_Day",
                table: "Savings",
                column: "Day");

            migrationBuilder.CreateIndex(
                name: "IX_Scans_ClientId_Started",
                table: "Scans",
                columns: new[] { "ClientId", "Started" });

            migrationBuilder.CreateIndex(
                name: "IX_Scans_Started",
                table: "Scans",
                column: "Started");

            migrationBuilder.CreateIndex(
                name: "IX_Sessions_AdministratorId",
                table: "Sessions",
                column: "AdministratorId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ApiKeys");

            migrationBuilder.DropTable(
                name: "Audit");

            migrationBuilder.DropTable(
                name: "Batches");

            migrationBuilder.DropTable(
                name: "Detections");

            migrationBuilder.DropTable(
                name: "EnrolmentTokens");

            migrationBuilder.DropTable(
                name: "ImagesInUse");

            migrationBuilder.DropTable(
                name: "Policies");

            migrationBuilder.DropTable(
                name: "Properties");

            migrationBuilder.DropTable(
                name: "Recalls");

            migrationBuilder.DropTable(
                name: "Reliances");

            migrationBuilder.DropTable(
                name: "Savings");

            migrationBuilder.DropTable(
                name: "Scans");

            migrationBuilder.DropTable(
                name: "Sessions");

            migrationBuilder.DropTable(
                name: "Tags");

            migrationBuilder.DropTable(
                name: "Administrators");

            migrationBuilder.DropTable(
                name: "Clients");

            migrationBuilder.DropTable(
                name: "Groups");
        }
    }
}
