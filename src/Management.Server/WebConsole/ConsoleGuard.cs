using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>Who is let in: to every page and form of the console, in this order: a session, its own password, a role, and a form of this console's own.</summary>
internal static class ConsoleGuard
{
    /// <summary>The longest form, but for a policy.</summary>
    private const int MaxForm = 64 << 10;

    private const string Policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Runs a page or a form.</summary>
    /// <param name="context">The request.</param>
    /// <param name="role">What whoever asks must be allowed; <see langword="null"/> for anybody who has signed in, whatever password that was with.</param>
    /// <param name="isOpen">Whether nobody need have signed in.</param>
    /// <param name="longest">The longest form.</param>
    /// <param name="handler">What is done then.</param>
    public static async Task RunAsync(HttpContext context, AdministratorRole? role, bool isOpen, int longest, Func<ConsoleRequest, Task> handler)
    {
        Protect(context.Response);
        ConsoleRequest request = new(context);
        try
        {
            await IdentifyAsync(context).ConfigureAwait(false);
            if (await AdmitAsync(request, role, isOpen, longest).ConfigureAwait(false))
            {
                await handler(request).ConfigureAwait(false);
            }
        }
        catch (ManagementException e) when (!context.Response.HasStarted)
        {
            await RefuseAsync(request, Layout.StatusOf(e.Fault), e.Fault == ManagementFault.NotFound ? "Not found" : "That was refused", e.Message).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await RefuseAsync(request, e.StatusCode, "That was refused", "The form is longer than it may be, or not well formed.").ConfigureAwait(false);
        }
        catch (InvalidDataException) when (!context.Response.HasStarted)
        {
            await RefuseAsync(request, StatusCodes.Status413PayloadTooLarge, "That was refused", "The form is longer than it may be, or not well formed.").ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever went wrong, a page says so, and the log says what.
        catch (Exception e) when (!context.Response.HasStarted && e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            Log.RequestFailed(request.Get<ILogger<ManagementServerOptions>>(), context.Request.Path, e);
            await RefuseAsync(request, StatusCodes.Status500InternalServerError, "That failed", "The manager could not do it; its log says why.").ConfigureAwait(false);
        }
    }

    public static void Protect(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "same-origin";
        response.Headers.CacheControl = "no-store";
    }

    public static Task RefuseAsync(ConsoleRequest request, int status, string title, string text)
        => request.PageAsync(title, $"""<p>{text}</p><p><a href="{request.At("/")}">Back to the overview</a></p>""", status);

    /// <summary>Only a session counts here: a key is for scripts, and a browser that was made to send one is nobody.</summary>
    private static async Task IdentifyAsync(HttpContext context)
    {
        AuthenticateResult result = await context.AuthenticateAsync(ManagementAccess.Scheme).ConfigureAwait(false);
        context.User = result.Principal is { } user && ManagementAccess.CameByCookie(user) ? user : new ClaimsPrincipal(new ClaimsIdentity());
    }

    private static async Task<bool> AdmitAsync(ConsoleRequest request, AdministratorRole? role, bool isOpen, int longest)
    {
        HttpContext context = request.Context;
        if (request.Get<IOptions<ManagementServerOptions>>().Value.RequireHttps && !context.Request.IsHttps)
        {
            throw new ManagementException(ManagementFault.Forbidden, "This manager is reached by https only.");
        }

        if (!isOpen && !request.IsSignedIn)
        {
            bool isPage = HttpMethods.IsGet(context.Request.Method);
            await request.GoTo(Link.With(request.At("/sign-in"), ("return", isPage ? context.Request.Path + context.Request.QueryString : null))).ConfigureAwait(false);
            return false;
        }

        if (role is not null && request.MustChangePassword)
        {
            await request.GoTo(request.At("/password")).ConfigureAwait(false);
            return false;
        }

        if (request.IsSignedIn)
        {
            request.Get<Gate>().RequireAdministrator(request.Actor.Name);
        }

        if (role is { } needed && !request.May(needed))
        {
            throw new ManagementException(ManagementFault.Forbidden, "This takes another role than yours.");
        }

        if (HttpMethods.IsPost(context.Request.Method))
        {
            await RequireOwnFormAsync(context, longest == 0 ? MaxForm : longest).ConfigureAwait(false);
        }

        return true;
    }

    private static async Task RequireOwnFormAsync(HttpContext context, int longest)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = longest;
        }

        context.Features.Set<IFormFeature>(new FormFeature(context.Request, new FormOptions { ValueLengthLimit = longest, ValueCountLimit = 4096, BufferBodyLengthLimit = longest }));
        if (context.Request.HasFormContentType)
        {
            _ = await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
        }

        if (!context.Request.HasFormContentType || !await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context).ConfigureAwait(false))
        {
            throw new ManagementException(
                ManagementFault.Invalid, "The form did not come from a page of this console, or you have signed in anew since it was loaded. Load the page again, and send the form once more.");
        }
    }
}
