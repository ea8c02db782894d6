using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Symantec.Virtualization.InsightCache.Protocol;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Exports and imports bundles.</summary>
internal static class BundleEndpoint
{
    private const long MaxBundle = 16L << 30;

    public static async Task ExportAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Administer).ConfigureAwait(false) is not { } client)
        {
            return;
        }

        if (server.Options.Bundles.SigningKey is not { } path)
        {
            await Problems.WriteAsync(context, StatusCodes.Status409Conflict, "no-signing-key", "Bundles:SigningKey is not set on this server.").ConfigureAwait(false);
            return;
        }

        if (!server.Store.Table.KnowsKeys)
        {
            await Problems.WriteAsync(
                context, StatusCodes.Status409Conflict, "compact-keys", "CompactKeys is set, so this server does not know which contents its verdicts are of, and exports none.").ConfigureAwait(false);
            return;
        }

        // A key with a password is slow to open on purpose, and the thread that serves connections has others to serve.
        await Task.Yield();
        using ECDsa key = BundleKeys.ReadPrivate(path, server.Options.Bundles.SigningKeyPassword);
        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers.ContentDisposition = "attachment; filename=\"verdicts.icb\"";
        await new BundleFile(server.Store, client.Tenant).WriteAsync(context.Response.Body, key, context.RequestAborted).ConfigureAwait(false);
    }

    public static async Task ImportAsync(HttpContext context, CacheServer server)
    {
        if (await server.Gate.AdmitAsync(context, ClientRoles.Administer).ConfigureAwait(false) is not { } client)
        {
            return;
        }

        if (server.Options.Bundles.TrustedKeys.Count == 0)
        {
            await Problems.WriteAsync(context, StatusCodes.Status409Conflict, "no-trusted-keys", "Bundles:TrustedKeys is not set on this server.").ConfigureAwait(false);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxBundle;
        }

        // In a file that nobody else can write while it is verified and then read again.
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await Task.Yield();
        FileStream file = new(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), options);
        try
        {
            await context.Request.Body.CopyToAsync(file, context.RequestAborted).ConfigureAwait(false);
            ImportDocument done = await Task.Run(() => server.Import(client.Tenant, file, context.RequestAborted), context.RequestAborted).ConfigureAwait(false);
            await MediaTypes.WriteAsync(context, done, InsightCacheJson.Default.ImportDocument).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or System.Text.Json.JsonException or ArgumentException)
        {
            await Problems.BadRequestAsync(context, e is InvalidDataException ? e.Message : "The bundle is refused: its header is none.").ConfigureAwait(false);
        }
        finally
        {
            // A large file takes its time to go.
            await Task.Run(file.Dispose).ConfigureAwait(false);
        }
    }
}
