using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>The functions of libclamav, bound by name at run time. Safe for concurrent use.</summary>
/// <remarks>
/// Nothing here is linked at compile time, so that a host without ClamAV starts and is told clearly what it lacks. A library that was loaded once stays loaded:
/// its threads' and OpenSSL's state does not survive unloading. Source: <c>clamav.h</c> of 1.4.
/// </remarks>
internal sealed unsafe class LibClamAv
{
    private static readonly Lock Loading = new();
    private static readonly Dictionary<string, LibClamAv> Loaded = [];

    private readonly delegate* unmanaged[Cdecl]<nint> _engineNew;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _engineFree;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _engineCompile;
    private readonly delegate* unmanaged[Cdecl]<nint, int, long, int> _engineSetNumber;
    private readonly delegate* unmanaged[Cdecl]<nint, int, byte*, int> _engineSetText;
    private readonly delegate* unmanaged[Cdecl]<nint, int, int*, long> _engineGetNumber;
    private readonly delegate* unmanaged[Cdecl]<byte*, nint, uint*, uint, int> _load;
    private readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<int, byte*, nint, void>, void> _setVirusFound;
    private readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<int, byte*, nint, int>, void> _setPreCache;
    private readonly delegate* unmanaged[Cdecl]<void*, nuint, nint> _openMemory;
    private readonly delegate* unmanaged[Cdecl]<nint, nuint, nuint, delegate* unmanaged[Cdecl]<nint, byte*, nuint, long, long>, int, nint> _openHandle;
    private readonly delegate* unmanaged[Cdecl]<nint, void> _closeMap;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, byte**, CULong*, nint, ScanSwitches*, nint, int> _scanMap;
    private readonly delegate* unmanaged[Cdecl]<int, byte*> _describe;
    private readonly delegate* unmanaged[Cdecl]<byte*> _defaultFolder;

    private LibClamAv(nint library, string path)
    {
        Version = LibraryVersion.Check(Text(((delegate* unmanaged[Cdecl]<byte*>)Find(library, path, "cl_retver"))()), path);
        _engineNew = (delegate* unmanaged[Cdecl]<nint>)Find(library, path, "cl_engine_new");
        _engineFree = (delegate* unmanaged[Cdecl]<nint, int>)Find(library, path, "cl_engine_free");
        _engineCompile = (delegate* unmanaged[Cdecl]<nint, int>)Find(library, path, "cl_engine_compile");
        _engineSetNumber = (delegate* unmanaged[Cdecl]<nint, int, long, int>)Find(library, path, "cl_engine_set_num");
        _engineSetText = (delegate* unmanaged[Cdecl]<nint, int, byte*, int>)Find(library, path, "cl_engine_set_str");
        _engineGetNumber = (delegate* unmanaged[Cdecl]<nint, int, int*, long>)Find(library, path, "cl_engine_get_num");
        _load = (delegate* unmanaged[Cdecl]<byte*, nint, uint*, uint, int>)Find(library, path, "cl_load");
        _setVirusFound = (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<int, byte*, nint, void>, void>)
            Find(library, path, "cl_engine_set_clcb_virus_found");
        _setPreCache = (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<int, byte*, nint, int>, void>)
            Find(library, path, "cl_engine_set_clcb_pre_cache");
        _openMemory = (delegate* unmanaged[Cdecl]<void*, nuint, nint>)Find(library, path, "cl_fmap_open_memory");
        _openHandle = (delegate* unmanaged[Cdecl]<nint, nuint, nuint, delegate* unmanaged[Cdecl]<nint, byte*, nuint, long, long>, int, nint>)
            Find(library, path, "cl_fmap_open_handle");
        _closeMap = (delegate* unmanaged[Cdecl]<nint, void>)Find(library, path, "cl_fmap_close");
        _scanMap = (delegate* unmanaged[Cdecl]<nint, byte*, byte**, CULong*, nint, ScanSwitches*, nint, int>)Find(library, path, "cl_scanmap_callback");
        _describe = (delegate* unmanaged[Cdecl]<int, byte*>)Find(library, path, "cl_strerror");
        _defaultFolder = (delegate* unmanaged[Cdecl]<byte*>)Find(library, path, "cl_retdbdir");

        // Before any other thread can be inside: the callback is one for the whole process.
        ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<int, byte*, byte*, nint, void>, void>)Find(library, path, "cl_set_clcb_msg"))(
            &NativeCallbacks.OnMessage);
        Check(((delegate* unmanaged[Cdecl]<uint, int>)Find(library, path, "cl_init"))(0), "cannot be initialized");
    }

    /// <summary>Gets the library's version, such as <c>1.4.6</c>.</summary>
    public string Version { get; }

    /// <summary>Gets the folder of definitions that the library was built for.</summary>
    public string DefaultFolder => Text(_defaultFolder());

    private static string[] Names => OperatingSystem.IsWindows() ? ["libclamav.dll"]
        : OperatingSystem.IsMacOS() ? ["libclamav.12.dylib", "libclamav.dylib"]
        : ["libclamav.so.12", "libclamav.so"];

    /// <summary>Loads the library, or returns the one that is loaded already.</summary>
    /// <param name="path">The library's file; <see langword="null"/> to look where the operating system does.</param>
    /// <exception cref="ClamAvException">There is none, it is of another version, or it lacks a function.</exception>
    public static LibClamAv Load(string? path)
    {
        lock (Loading)
        {
            string[] names = path is null ? Names : [path];
            foreach (string name in names)
            {
                if (Loaded.TryGetValue(name, out LibClamAv? loaded))
                {
                    return loaded;
                }

                if (NativeLibrary.TryLoad(name, out nint library))
                {
                    return Loaded[name] = new LibClamAv(library, name);
                }
            }

            throw new ClamAvException($"libclamav is not installed, or cannot be loaded: looked for {string.Join(", ", names)}. "
                + "Debian and Ubuntu have it in the package libclamav12, Fedora in clamav-lib, Homebrew in clamav.");
        }
    }

    /// <summary>Makes an engine without definitions.</summary>
    public nint NewEngine()
    {
        nint engine = _engineNew();
        return engine != 0 ? engine : throw new ClamAvException("libclamav cannot make an engine: it is short of memory");
    }

    public void Free(nint engine) => _engineFree(engine);

    public void Set(nint engine, EngineSetting setting, long value)
        => Check(_engineSetNumber(engine, (int)setting, value), $"refuses {value} for {setting}");

    public void Set(nint engine, EngineSetting setting, string value)
    {
        byte* text = (byte*)Marshal.StringToCoTaskMemUTF8(value);
        int code = _engineSetText(engine, (int)setting, text);
        Marshal.FreeCoTaskMem((nint)text);
        Check(code, $"refuses {value} for {setting}");
    }

    /// <summary>Reads a setting; 0 where there is none.</summary>
    public long Get(nint engine, EngineSetting setting)
    {
        int code;
        long value = _engineGetNumber(engine, (int)setting, &code);
        return code == (int)ClamAvCode.Clean ? value : 0;
    }

    /// <summary>Loads definitions into an engine and makes it ready to scan.</summary>
    /// <returns>The number of signatures.</returns>
    /// <exception cref="ClamAvException">They cannot be loaded.</exception>
    public long LoadDefinitions(nint engine, string path, uint options, NativeCall call)
    {
        uint signatures = 0;
        byte* text = (byte*)Marshal.StringToCoTaskMemUTF8(path);
        int code = _load(text, engine, &signatures, options);
        Marshal.FreeCoTaskMem((nint)text);
        Check(code, $"cannot load the definitions {path}", call.LastError);
        Check(_engineCompile(engine), $"cannot prepare the definitions {path}", call.LastError);
        return signatures;
    }

    /// <summary>Lets an engine tell <see cref="NativeCallbacks"/> of findings and layers.</summary>
    public void SetCallbacks(nint engine)
    {
        _setVirusFound(engine, &NativeCallbacks.OnVirusFound);
        _setPreCache(engine, &NativeCallbacks.OnLayer);
    }

    /// <summary>Makes a map of bytes in memory, which are not copied; 0 if that fails.</summary>
    public nint OpenMemory(void* bytes, long length) => _openMemory(bytes, (nuint)length);

    /// <summary>Makes a map whose bytes come from <see cref="NativeCallbacks.OnRead"/> of the scan on this thread; 0 if that fails.</summary>
    public nint OpenHandle(nint handle, long length) => _openHandle(handle, 0, (nuint)length, &NativeCallbacks.OnRead, 1);

    public void CloseMap(nint map) => _closeMap(map);

    /// <summary>Scans a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="switches">What is to be done.</param>
    /// <param name="name">The name of what was found; <see langword="null"/> if nothing was.</param>
    public ClamAvCode Scan(nint map, nint engine, ScanSwitches switches, out string? name)
    {
        byte* virus = null;
        CULong scanned = default;

        // Without a file name, no parser is tempted to open one.
        ClamAvCode code = (ClamAvCode)_scanMap(map, null, &virus, &scanned, engine, &switches, 0);
        name = virus is null ? null : Text(virus);
        return code;
    }

    /// <summary>Says a code in words.</summary>
    public string Describe(ClamAvCode code) => Text(_describe((int)code));

    /// <summary>Reads a text of the library, which is UTF-8 or is made so.</summary>
    public static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static nint Find(nint library, string path, string function) => NativeLibrary.TryGetExport(library, function, out nint address)
        ? address
        : throw new ClamAvException($"{path} is no libclamav that can be used: it has no function {function}");

    private void Check(int code, string what, string? message = null)
    {
        if (code != (int)ClamAvCode.Clean)
        {
            throw new ClamAvException($"libclamav {what}: {Describe((ClamAvCode)code)}{(message is null ? "" : $" ({message})")}");
        }
    }
}
