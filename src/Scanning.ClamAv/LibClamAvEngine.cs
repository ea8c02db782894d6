using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>ClamAV's own engine in this process: libclamav, which the host has installed. Safe for concurrent use.</summary>
/// <remarks>
/// <para>
/// Contents are scanned where they are, without a copy on disk: short ones from memory, long ones page by page. Members that libclamav unpacks go to
/// <see cref="LibClamAvOptions.TemporaryFolder"/> for the time of a scan. No name of a content reaches the library.
/// </para>
/// <para>
/// A content is clean only if libclamav reached its end. What it skips for a limit or because it is encrypted is <see cref="VerdictKind.Incomplete"/>, and a read
/// that failed is thrown, whatever the library makes of it; a threat that was found counts before all of these. A cancelled scan ends at the next page or layer.
/// libclamav matches no signature against a content of 5 bytes or fewer.
/// </para>
/// <para>
/// Scans run on threads of the engine's own with stacks of 16 MiB, one for each caller inside at once. A fault in libclamav's native code ends the process;
/// <see cref="LibClamAvWorkerEngine"/> scans in another one.
/// </para>
/// </remarks>
public sealed class LibClamAvEngine : IScanEngine, IDisposable
{
    /// <summary>The engine's name.</summary>
    public const string EngineName = "libclamav";

    private readonly LibClamAvOptions _options;
    private readonly ILogger _logger;
    private readonly LibClamAv _library;
    private readonly ScanSwitches _switches;
    private readonly ScanThreads _threads = new();
    private readonly Lock _reloading = new();
    private readonly ITimer _timer;
    private LoadedDefinitions _current;
    private bool _disposed;

    /// <summary>Loads the library and the definitions.</summary>
    /// <param name="options">How to scan; <see langword="null"/> for the defaults.</param>
    /// <param name="logger">Where messages of the library go.</param>
    /// <param name="timeProvider">The clock by which files of definitions are looked at.</param>
    /// <exception cref="ClamAvException">The library is missing or of another version, or the definitions cannot be loaded.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public LibClamAvEngine(LibClamAvOptions? options = null, ILogger<LibClamAvEngine>? logger = null, TimeProvider? timeProvider = null)
    {
        _options = options ?? new LibClamAvOptions();
        _options.Validate();
        _logger = logger ?? NullLogger<LibClamAvEngine>.Instance;
        _library = LibClamAv.Load(_options.LibraryPath);
        _switches = ScanSwitches.Of(_options.Heuristics);
        Profile = ProfileOf(_options);
        try
        {
            _current = Load();
        }
        catch
        {
            _threads.Dispose();
            throw;
        }

        _timer = (timeProvider ?? TimeProvider.System).CreateTimer(
            static engine => ((LibClamAvEngine)engine!).ReloadOrLog(), this, _options.ReloadInterval, _options.ReloadInterval);
    }

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public DefinitionSet Definitions => Volatile.Read(ref _current).Definitions;

    /// <inheritdoc/>
    public ScanProfile Profile { get; }

    /// <summary>Gets the library's version, such as <c>1.4.6</c>.</summary>
    public string LibraryVersion => _library.Version;

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public EngineVerdict Scan(ScanContent content, ContentHash? hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        cancellationToken.ThrowIfCancellationRequested();
        LoadedDefinitions definitions = Hold();
        try
        {
            Verdict verdict = Verdict.Clean;
            if (content.Length > _options.MaxFileSize)
            {
                verdict = Verdict.Incomplete(string.Create(
                    CultureInfo.InvariantCulture, $"it has {content.Length:N0} bytes, and libclamav scans up to {_options.MaxFileSize:N0} (maxFileSize)"));
            }
            else if (content.Length > 0)
            {
                _threads.Run(() => verdict = content.Length <= _options.MaxInMemory
                    ? ScanInMemory(content, definitions.Engine, cancellationToken)
                    : ScanByPages(content, definitions.Engine, cancellationToken));
            }

            return new EngineVerdict(verdict, definitions.Definitions);
        }
        catch (ScanLimitException e)
        {
            return new EngineVerdict(Verdict.Incomplete(e.Message), definitions.Definitions);
        }
        finally
        {
            definitions.DangerousRelease();
        }
    }

    /// <summary>Loads the definitions anew if their files have changed. Scans go on meanwhile, with the older ones, which stay in use if the newer ones cannot be loaded.</summary>
    /// <returns><see langword="true"/> if newer definitions are in use now.</returns>
    /// <exception cref="ClamAvException">The files have changed and cannot be loaded.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public bool ReloadIfChanged()
    {
        lock (_reloading)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_current.Files.Equals(LookAtFiles()))
            {
                return false;
            }

            // The older engine is freed with the last scan that holds it.
            LoadedDefinitions older = Interlocked.Exchange(ref _current, Load());
            older.Dispose();
            return true;
        }
    }

    /// <summary>Frees the definitions once the scans that run have ended.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_reloading)
        {
            _disposed = true;
            _current.Dispose();
        }

        _threads.Dispose();
    }

    private static ScanProfile ProfileOf(LibClamAvOptions options) => ScanProfile.Of(
    [
        new(nameof(options.MaxFileSize), options.MaxFileSize.ToString(CultureInfo.InvariantCulture)),
        new(nameof(options.MaxScanSize), options.MaxScanSize.ToString(CultureInfo.InvariantCulture)),
        new(nameof(options.MaxFiles), options.MaxFiles.ToString(CultureInfo.InvariantCulture)),
        new(nameof(options.MaxRecursion), options.MaxRecursion.ToString(CultureInfo.InvariantCulture)),
        new(nameof(options.DetectUnwanted), options.DetectUnwanted.ToString()),
        new(nameof(options.Heuristics), options.Heuristics.ToString()),
    ]);

    private LoadedDefinitions Load()
    {
        LoadedDefinitions? loaded = null;
        _threads.Run(() => loaded = LoadedDefinitions.Load(_library, _options, _logger));
        return loaded!;
    }

    private DatabaseFiles LookAtFiles()
    {
        try
        {
            return DatabaseFiles.Look(_options.DatabasePath ?? _library.DefaultFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClamAvException($"the definitions cannot be looked at: {e.Message}", e);
        }
    }

    private void ReloadOrLog()
    {
        try
        {
            ReloadIfChanged();
        }
        catch (ClamAvException e)
        {
            Log.ReloadFailed(_logger, e);
        }
        catch (ObjectDisposedException)
        {
            // The timer was already on its way.
        }
    }

    /// <summary>Holds the current definitions, so that a reload does not free them under a scan.</summary>
    private LoadedDefinitions Hold()
    {
        while (true)
        {
            LoadedDefinitions current = Volatile.Read(ref _current);
            bool held = false;
            try
            {
                current.DangerousAddRef(ref held);
                return current;
            }
            catch (ObjectDisposedException) when (!Volatile.Read(ref _disposed))
            {
                // They were replaced between the two lines.
            }
        }
    }

    private unsafe Verdict ScanInMemory(ScanContent content, nint engine, CancellationToken cancellationToken)
    {
        // Not pooled: the allocator keeps what is freed, and a page of it that is touched anew costs a hundredth of its scan.
        int length = (int)content.Length;
        byte* bytes = (byte*)NativeMemory.Alloc((nuint)length);
        try
        {
            int filled = 0;
            ContentPass.Run(content, Fill, HoleHandling.HandOnZeros, cancellationToken);
            return filled == length
                ? Scan(content, _library.OpenMemory(bytes, length), engine, cancellationToken)
                : throw new IOException(string.Create(CultureInfo.InvariantCulture, $"it became shorter than {length:N0} bytes while it was read"));

            void Fill(long offset, ReadOnlySpan<byte> window)
            {
                // A content that grew meanwhile is scanned as long as it was.
                int count = (int)Math.Clamp(length - offset, 0, window.Length);
                window[..count].CopyTo(new Span<byte>(bytes + offset, count));
                filled += count;
            }
        }
        finally
        {
            NativeMemory.Free(bytes);
        }
    }

    private Verdict ScanByPages(ScanContent content, nint engine, CancellationToken cancellationToken)
    {
        if (PageDescriptor.Number is not { } descriptor)
        {
            return Verdict.Incomplete(string.Create(
                CultureInfo.InvariantCulture, $"it has more than {_options.MaxInMemory:N0} bytes, and reading it page by page needs Linux (maxInMemory)"));
        }

        ContentPass.TakeHoles(content, cancellationToken);
        return Scan(content, _library.OpenHandle(descriptor, content.Length), engine, cancellationToken);
    }

    private Verdict Scan(ScanContent content, nint map, nint engine, CancellationToken cancellationToken)
    {
        if (map == 0)
        {
            return Verdict.Failed("libclamav cannot map it: it is short of memory");
        }

        using NativeScan scan = new(content, _options.MaxFileSize, _logger, cancellationToken);
        try
        {
            ClamAvCode code = _library.Scan(map, engine, _switches, out string? name);
            return scan.Judge(code, name, _library);
        }
        finally
        {
            _library.CloseMap(map);
        }
    }
}
