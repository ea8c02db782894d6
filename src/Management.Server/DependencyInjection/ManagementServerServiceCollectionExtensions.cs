using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Symantec.Virtualization.Management.Server;
using Symantec.Virtualization.Management.Server.Storage;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the manager to a host.</summary>
public static class ManagementServerServiceCollectionExtensions
{
    /// <summary>The name of the OpenAPI document.</summary>
    internal const string Document = "management";

    /// <summary>Adds the manager: its tables are brought to this version's form, and the first account is made, when the host starts.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">How it keeps, believes and forgets.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddManagementServer(this IServiceCollection services, Action<ManagementServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptionsWithValidateOnStart<ManagementServerOptions, ManagementServerOptionsValidator>().Configure(configure ?? (static _ => { }));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static p => new ManagementDatabase(OptionsOf(p)));
        services.TryAddSingleton(static p => new Gate(OptionsOf(p), TimeOf(p)));
        services.TryAddSingleton(static p => new AuditLog(Of<ManagementDatabase>(p), TimeOf(p)));
        services.TryAddSingleton(static p => new GroupTree(Of<ManagementDatabase>(p), Of<AuditLog>(p), TimeOf(p)));
        services.TryAddSingleton(static p => new PolicyStore(Of<ManagementDatabase>(p), Of<GroupTree>(p), Of<AuditLog>(p), TimeOf(p)));
        services.TryAddSingleton(static p => new EnrolmentTokens(Of<ManagementDatabase>(p), Of<AuditLog>(p), TimeOf(p)));
        services.TryAddSingleton(static p => new ClientRegistry(
            Of<ManagementDatabase>(p), Of<GroupTree>(p), Of<PolicyStore>(p), Of<AuditLog>(p), OptionsOf(p), TimeOf(p), LoggerOf<ClientRegistry>(p)));
        services.TryAddSingleton(static p => new ClientSearch(Of<ManagementDatabase>(p), Of<GroupTree>(p), TimeOf(p)));
        services.TryAddSingleton(static p => new ResultStore(Of<ManagementDatabase>(p), OptionsOf(p), TimeOf(p)));
        services.TryAddSingleton(static p => new RecallStore(Of<ManagementDatabase>(p), Of<PolicyStore>(p), Of<AuditLog>(p), TimeOf(p)));
        services.TryAddSingleton(static p => new Reports(Of<ManagementDatabase>(p), TimeOf(p)));
        services.TryAddSingleton(static p => new Administrators(Of<ManagementDatabase>(p), Of<AuditLog>(p), OptionsOf(p), TimeOf(p), LoggerOf<Administrators>(p)));
        services.TryAddSingleton(static p => new ApiKeys(Of<ManagementDatabase>(p), Of<AuditLog>(p), TimeOf(p)));
        services.TryAddSingleton(static p => new Sessions(Of<ManagementDatabase>(p), Of<Administrators>(p), Of<AuditLog>(p), Of<Gate>(p), OptionsOf(p), TimeOf(p)));
        services.TryAddSingleton<Housekeeping>();
        services.AddHostedService<ManagementStart>();
        services.AddHostedService(static p => p.GetRequiredService<Housekeeping>());
        AddAccess(services);
        services.AddOpenApi(Document, static options =>
        {
            options.ShouldInclude = static description => description.GroupName == Document;
            options.AddSchemaTransformer(NameChoices);
        });
        return services;
    }

    private static void AddAccess(IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, ManagementAuthentication>(ManagementAccess.Scheme, null);
        services.AddAuthorizationBuilder()
            .AddPolicy(ManagementAccess.SignedIn, static policy => policy.AddAuthenticationSchemes(ManagementAccess.Scheme).RequireAuthenticatedUser())
            .AddPolicy(ManagementAccess.View, static policy => Require(policy, AdministratorRole.View))
            .AddPolicy(ManagementAccess.Operate, static policy => Require(policy, AdministratorRole.Operate))
            .AddPolicy(ManagementAccess.Administer, static policy => Require(policy, AdministratorRole.Administer));
        services.AddAntiforgery(static options =>
        {
            options.HeaderName = ManagementAccess.AntiforgeryHeader;
            options.Cookie.Name = "management-forms";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddDataProtection().SetApplicationName("Symantec.Virtualization.Management");
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<ManagementServerOptions>>(static (keys, options) =>
            keys.XmlRepository ??= new FileSystemXmlRepository(new DirectoryInfo(Path.Combine(options.Value.DataFolder, "keys")), NullLoggerFactory.Instance));
    }

    private static void Require(AuthorizationPolicyBuilder policy, AdministratorRole role)
        => policy.AddAuthenticationSchemes(ManagementAccess.Scheme).RequireAuthenticatedUser().RequireClaim(ManagementAccess.RoleClaim, role.ToString());

    /// <summary>Choices are written as words, which the document cannot know of itself.</summary>
    private static Task NameChoices(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        Type type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type.IsEnum && type.Assembly.GetName().Name?.StartsWith("Symantec.Virtualization.", StringComparison.Ordinal) == true)
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. Enum.GetNames(type).Select(static name => JsonValue.Create(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name)))];
        }

        return Task.CompletedTask;
    }

    private static T Of<T>(IServiceProvider provider)
        where T : notnull
        => provider.GetRequiredService<T>();

    private static TimeProvider TimeOf(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();

    private static IOptions<ManagementServerOptions> OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<ManagementServerOptions>>();

    private static ILogger<T> LoggerOf<T>(IServiceProvider provider) => provider.GetService<ILogger<T>>() ?? NullLogger<T>.Instance;
}
