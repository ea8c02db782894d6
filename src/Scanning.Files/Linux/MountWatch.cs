using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>Tells whether something was mounted or unmounted. Safe for concurrent use: each change is told to one caller.</summary>
/// <remarks>Source: proc_pid_mountinfo(5): poll(2) tells of each change once.</remarks>
internal sealed unsafe class MountWatch : IDisposable
{
    private readonly SafeFileHandle _mounts = File.OpenHandle("/proc/self/mountinfo");

    /// <summary>Tells whether the mounts changed since the last call.</summary>
    public bool HasChanged()
    {
        using Descriptor descriptor = new(_mounts);
        LinuxCalls.PollEntry entry = new() { File = descriptor.Value, Events = LinuxCalls.PollUrgent };
        return LinuxCalls.Poll(&entry, 1, 0) > 0;
    }

    public void Dispose() => _mounts.Dispose();
}
