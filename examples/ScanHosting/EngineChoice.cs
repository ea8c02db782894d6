using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Symantec.Virtualization.Scanning.ClamAv;
using Symantec.Virtualization.Scanning.Core;
using Symantec.Virtualization.Scanning.Signatures;

namespace Symantec.Virtualization.Examples.ScanHosting;

/// <summary>The engines that can be asked for, by the names that users give them.</summary>
public static class EngineChoice
{
    /// <summary>The command by which the program is started anew as a worker.</summary>
    public const string WorkerCommand = "libclamav-worker";

    /// <summary>Gets the names.</summary>
    public static string[] Names { get; } = [SignatureEngine.EngineName, LibClamAvEngine.EngineName, ClamdEngine.EngineName];

    /// <summary>Makes the engine that was asked for.</summary>
    /// <param name="arguments">What the command line asks for.</param>
    /// <param name="onWarning">Is told what a user should know.</param>
    /// <param name="cancellationToken">Ends the loading of definitions.</param>
    /// <exception cref="IOException">The definitions that were named cannot be used.</exception>
    /// <exception cref="ClamAvException">ClamAV is not there, or of another version, or its definitions cannot be used.</exception>
    public static IScanEngine Create(EngineArguments arguments, Action<string> onWarning, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.Engine switch
        {
            ClamdEngine.EngineName => new ClamdEngine(arguments.Clamd is { } address ? new ClamdOptions { EndPoint = ParseAddress(address) } : null),
            LibClamAvEngine.EngineName when arguments.Isolate => new LibClamAvWorkerEngine(WorkerOptions(arguments)),
            LibClamAvEngine.EngineName => new LibClamAvEngine(LibraryOptions(arguments.Definitions, arguments.IncludePotentiallyUnwanted)),
            _ => new SignatureEngine(DefinitionChoice.Load(arguments.Definitions, LoadOptions(arguments), onWarning, cancellationToken: cancellationToken)),
        };
    }

    /// <summary>How the built-in engine's definitions are loaded.</summary>
    public static SignatureLoadOptions LoadOptions(EngineArguments arguments) => new()
    {
        IncludePotentiallyUnwanted = arguments.IncludePotentiallyUnwanted,
        UnsignedDefinitions = arguments.SignedOnly ? UnsignedDefinitions.Refuse : UnsignedDefinitions.Use,
        CacheFolder = arguments.CacheDefinitions ? CacheFolder() : null,
    };

    /// <summary>How libclamav scans.</summary>
    public static LibClamAvOptions LibraryOptions(string? definitions, bool includePotentiallyUnwanted) =>
        new() { DatabasePath = definitions, DetectUnwanted = includePotentiallyUnwanted };

    /// <summary>Reads where clamd listens: the path of its socket, or a host and a port.</summary>
    /// <returns><see langword="null"/> if it is neither.</returns>
    public static EndPoint? TryParseAddress(string address)
    {
        if (Path.IsPathRooted(address))
        {
            return new UnixDomainSocketEndPoint(address);
        }

        if (IPEndPoint.TryParse(address, out IPEndPoint? point) && point.Port > 0)
        {
            return point;
        }

        int colon = address.LastIndexOf(':');
        bool isHost = colon > 0 && Uri.CheckHostName(address[..colon]) == UriHostNameType.Dns;
        return isHost && ushort.TryParse(address[(colon + 1)..], out ushort port) && port > 0 ? new DnsEndPoint(address[..colon], port) : null;
    }

    private static EndPoint ParseAddress(string address) =>
        TryParseAddress(address) ?? throw new IOException($"--clamd {PrintableText.Escape(address)} is neither the path of a socket nor HOST:PORT.");

    private static LibClamAvWorkerOptions WorkerOptions(EngineArguments arguments)
    {
        LibClamAvWorkerOptions options = new()
        {
            FileName = Environment.ProcessPath ?? throw new IOException("The program cannot tell where it is, and so not start a worker of its own."),
            MaxWorkers = arguments.Threads,
        };
        if (Path.GetFileNameWithoutExtension(options.FileName) == "dotnet")
        {
            options.Arguments.Add(Path.Combine(AppContext.BaseDirectory, $"{Assembly.GetEntryAssembly()!.GetName().Name}.dll"));
        }

        options.Arguments.Add(WorkerCommand);
        options.Arguments.Add(arguments.IncludePotentiallyUnwanted ? "pua" : "no-pua");
        if (arguments.Definitions is { } definitions)
        {
            options.Arguments.Add(Path.GetFullPath(definitions));
        }

        return options;
    }

    private static string? CacheFolder()
    {
        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return local.Length == 0 ? null : Path.Combine(local, "Symantec.Virtualization", "definitions");
    }
}
