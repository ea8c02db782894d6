using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>An engine of libclamav with its definitions loaded. It is freed when it is disposed and the last scan that holds it has ended.</summary>
internal sealed class LoadedDefinitions : SafeHandle
{
    private const uint StandardDatabases = 0x2 | 0x8 | 0x2000;
    private const uint UnwantedPrograms = 0x10;

    /// <summary>How often loading begins anew because the files changed meanwhile; freshclam replaces a handful, one after the other.</summary>
    private const int MaxLooks = 5;

    private readonly LibClamAv _library;

    private LoadedDefinitions(LibClamAv library, nint engine, DatabaseFiles files, DefinitionSet definitions)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        _library = library;
        Files = files;
        Definitions = definitions;
        SetHandle(engine);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Gets the engine; use it only between <see cref="SafeHandle.DangerousAddRef"/> and <see cref="SafeHandle.DangerousRelease"/>.</summary>
    public nint Engine => handle;

    /// <summary>Gets the files that were loaded.</summary>
    public DatabaseFiles Files { get; }

    /// <summary>Gets what was loaded.</summary>
    public DefinitionSet Definitions { get; }

    /// <summary>Loads the definitions.</summary>
    /// <exception cref="ClamAvException">They cannot be loaded, or there are none.</exception>
    public static LoadedDefinitions Load(LibClamAv library, LibClamAvOptions options, ILogger logger)
    {
        string path = options.DatabasePath ?? library.DefaultFolder;
        try
        {
            for (int look = 1; ; look++)
            {
                DatabaseFiles files = DatabaseFiles.Look(path);
                LoadedDefinitions loaded = LoadOnce(library, options, logger, path, files);
                if (files.Equals(DatabaseFiles.Look(path)) || look == MaxLooks)
                {
                    Log.DefinitionsLoaded(logger, LibClamAvEngine.EngineName, loaded.Definitions.Version);
                    return loaded;
                }

                loaded.Dispose();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClamAvException($"the definitions {path} cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _library.Free(handle);
        return true;
    }

    private static LoadedDefinitions LoadOnce(LibClamAv library, LibClamAvOptions options, ILogger logger, string path, DatabaseFiles files)
    {
        using NativeCall call = new(logger);
        nint engine = library.NewEngine();
        try
        {
            Configure(library, engine, options);
            long signatures = library.LoadDefinitions(engine, path, StandardDatabases | (options.DetectUnwanted ? UnwantedPrograms : 0), call);
            if (signatures == 0)
            {
                // Such an engine would call everything clean.
                throw new ClamAvException($"there is no signature in {path}");
            }

            return new LoadedDefinitions(library, engine, files, Describe(library, engine, path, files, signatures));
        }
        catch
        {
            library.Free(engine);
            throw;
        }
    }

    private static void Configure(LibClamAv library, nint engine, LibClamAvOptions options)
    {
        library.Set(engine, EngineSetting.MaxFileSize, options.MaxFileSize);
        library.Set(engine, EngineSetting.MaxScanSize, options.MaxScanSize);
        library.Set(engine, EngineSetting.MaxFiles, options.MaxFiles);
        library.Set(engine, EngineSetting.MaxRecursion, options.MaxRecursion);
        library.Set(engine, EngineSetting.MaxScanMilliseconds, (long)options.MaxScanTime.TotalMilliseconds);

        // A session remembers contents by SHA-256 and knows the definitions; libclamav's own memory of clean contents goes by MD5, which can be forged.
        library.Set(engine, EngineSetting.DisableCache, 1);

        // Files over these sizes go without a part of the scan, and no alert says so. At the largest file's size there are none.
        foreach (EngineSetting quiet in (ReadOnlySpan<EngineSetting>)[
            EngineSetting.MaxEmbeddedExecutable, EngineSetting.MaxHtmlNormalize, EngineSetting.MaxHtmlWithoutTags, EngineSetting.MaxScriptNormalize,
            EngineSetting.MaxZipRetype, EngineSetting.MaxPcreFileSize])
        {
            library.Set(engine, quiet, options.MaxFileSize);
        }

        if (options.TemporaryFolder is { } folder)
        {
            library.Set(engine, EngineSetting.TemporaryFolder, folder);
        }

        library.SetCallbacks(engine);
    }

    private static DefinitionSet Describe(LibClamAv library, nint engine, string path, DatabaseFiles files, long signatures)
    {
        // Known only where a daily database is among the files.
        long version = library.Get(engine, EngineSetting.DefinitionsVersion);
        long time = library.Get(engine, EngineSetting.DefinitionsTime);
        ContentHash digest = files.Digest(library.Version);
        return new DefinitionSet
        {
            Engine = LibClamAvEngine.EngineName,
            Version = version > 0
                ? version.ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{files.Newest:yyyy-MM-dd} {digest.ToString().AsSpan(0, 8)}"),
            Sequence = version,
            Published = version > 0 && time > 0 ? DateTimeOffset.FromUnixTimeSeconds(time) : files.Newest,
            Digest = digest,
            SignatureCount = signatures,
            Source = path,
        };
    }
}
