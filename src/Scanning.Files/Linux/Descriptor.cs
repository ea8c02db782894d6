using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>The number of an open file, which stays open as long as this lives.</summary>
internal readonly ref struct Descriptor
{
    private readonly SafeFileHandle _handle;

    public Descriptor(SafeFileHandle handle)
    {
        bool held = false;
        handle.DangerousAddRef(ref held);
        _handle = handle;
    }

    public int Value => (int)_handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
