using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Symantec.Virtualization.Examples.ServiceHosting;

/// <summary>Runs a service to its end, and tells those who started it why it cannot.</summary>
public static class ServiceRun
{
    public const int WrongConfiguration = 2;
    public const int CannotStart = 3;
    public const int Failed = 4;

    /// <summary>Runs a service.</summary>
    /// <param name="name">What to call it: <c>The cache</c>.</param>
    /// <param name="run">Runs it.</param>
    /// <param name="isFault">Knows further exceptions that keep it from starting, besides those of files, rights and keys.</param>
    /// <param name="isRefusal">Knows exceptions whose message is all that is to be said.</param>
    /// <returns>The exit code: 0, 2 for a wrong configuration, 3 if it cannot start, 4 if a part of it failed while it ran.</returns>
    public static async Task<int> GuardAsync(string name, Func<Task> run, Func<Exception, bool>? isFault = null, Func<Exception, bool>? isRefusal = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        try
        {
            await run().ConfigureAwait(false);
            return 0;
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync(string.Join(Environment.NewLine + "  ", ["The configuration is wrong:", .. e.Failures])).ConfigureAwait(false);
            return WrongConfiguration;
        }
        catch (ServiceFailedException e)
        {
            await Console.Error.WriteLineAsync($"{name} ended, since a part of it failed: {e.InnerException?.Message}").ConfigureAwait(false);
            return Failed;
        }
        catch (Exception e) when (isRefusal?.Invoke(e) == true)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return WrongConfiguration;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException or CryptographicException || isFault?.Invoke(e) == true)
        {
            await Console.Error.WriteLineAsync($"{name} cannot start: {e.Message}").ConfigureAwait(false);
            return CannotStart;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"The configuration is wrong: {e.Message} {e.InnerException?.Message}").ConfigureAwait(false);
            return WrongConfiguration;
        }
    }

    /// <summary>Starts a host and waits until it has ended. One that was told to end is told from one that ended since a part of it failed: whoever started it is to start that one again.</summary>
    /// <param name="host">The host.</param>
    /// <param name="cancellationToken">Ends it, also while it starts.</param>
    /// <param name="started">Is called when it has started.</param>
    /// <exception cref="ServiceFailedException">A part failed.</exception>
    public static async Task RunAsync(IHost host, CancellationToken cancellationToken, Action? started = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        CancellationToken stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested || stopping.IsCancellationRequested)
        {
            return;
        }

        started?.Invoke();
        await host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
        if (host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(static service => service.ExecuteTask?.Exception).FirstOrDefault(static fault => fault is not null) is { } fault)
        {
            throw new ServiceFailedException(fault.GetBaseException());
        }
    }
}

/// <summary>A part of a service failed while it ran.</summary>
public sealed class ServiceFailedException(Exception innerException) : Exception("A part of the service failed.", innerException);
