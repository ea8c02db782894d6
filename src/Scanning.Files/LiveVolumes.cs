using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>The volumes of this machine, whose names are part of every identity; finds files on them. Safe for concurrent use.</summary>
/// <remarks>What is known of a volume is remembered until something is mounted or unmounted.</remarks>
public sealed class LiveVolumes : IDisposable
{
    private readonly LinuxVolumes? _linux;
    private readonly MountWatch? _mounts;
    private readonly WindowsVolumes? _windows;

    /// <summary>Initializes a new instance of the <see cref="LiveVolumes"/> class.</summary>
    /// <exception cref="PlatformNotSupportedException">The system is neither Linux nor Windows.</exception>
    public LiveVolumes()
    {
        _linux = OperatingSystem.IsLinux() ? new LinuxVolumes() : null;
        _mounts = _linux is null ? null : new MountWatch();
        _windows = OperatingSystem.IsWindows() ? new WindowsVolumes() : null;
        if (_linux is null && _windows is null)
        {
            throw LiveFileSource.NotSupported();
        }
    }

    /// <summary>Finds a file by its path.</summary>
    /// <param name="path">The path. Links in it are followed, but for its last part.</param>
    /// <returns>The file. It is opened when it is read.</returns>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It is no regular file, or cannot be asked about.</exception>
    public LiveFile Find(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        ForgetIfMountsChanged();
        return _linux is not null ? LinuxFile.Find(full, _linux) : new WindowsFile(full, _windows!);
    }

    /// <summary>Takes a file that is open already.</summary>
    /// <param name="path">What to call it.</param>
    /// <param name="handle">The open file. It stays the caller's, and must be open as long as this is used.</param>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">It is no regular file, or cannot be asked about.</exception>
    public LiveFile Take(string path, SafeFileHandle handle)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(handle);
        ForgetIfMountsChanged();
        return _linux is not null ? LinuxFile.Take(path, handle, _linux) : WindowsFile.Take(path, handle, _windows!);
    }

    /// <summary>Gets what the identities of the files directly in a folder call their volume.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The name.</returns>
    /// <exception cref="IOException">It cannot be told.</exception>
    public string NameOf(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ForgetIfMountsChanged();
        return _linux is not null ? _linux.NameOf(Path.GetFullPath(folder)) : WindowsStatus.VolumeOf(Path.GetFullPath(folder));
    }

    /// <inheritdoc/>
    public void Dispose() => _mounts?.Dispose();

    private void ForgetIfMountsChanged()
    {
        if (_mounts?.HasChanged() is true)
        {
            _linux!.Forget();
        }
    }
}
