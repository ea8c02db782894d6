using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Symantec.Virtualization.Management.Server;
using Symantec.Virtualization.Management.Server.Storage;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the manager into a host.</summary>
public static class ManagementEndpointRouteBuilderExtensions
{
    /// <summary>Maps what agents and administrators ask, and the OpenAPI document that describes it.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <returns>The endpoints, to be narrowed to a port or a policy of the host's own.</returns>
    /// <exception cref="InvalidOperationException">The manager was not added to the services.</exception>
    public static IEndpointConventionBuilder MapManagement(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<ManagementDatabase>() is null)
        {
            throw new InvalidOperationException("The manager is not among the services: call services.AddManagementServer() first.");
        }

        RouteGroupBuilder group = endpoints.MapGroup("").WithGroupName(ManagementServerServiceCollectionExtensions.Document);
        group.AddEndpointFilter(Problems.FilterAsync);
        group.AddEndpointFilter(RequireHttpsAsync);
        AgentEndpoints.Map(group.MapGroup("").WithTags("Agents"));
        AdministratorEndpoints.Map(group.MapGroup("").WithTags("Administrators"));
        endpoints.MapOpenApi("/api/v1/openapi/{documentName}.json");
        return group;
    }

    private static ValueTask<object?> RequireHttpsAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
        => invocation.HttpContext.Request.IsHttps || !invocation.HttpContext.RequestServices.GetRequiredService<IOptions<ManagementServerOptions>>().Value.RequireHttps
            ? next(invocation)
            : throw new ManagementException(ManagementFault.Forbidden, "This manager is reached by https only.");
}
