using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>The change journals of volumes. Safe for concurrent use.</summary>
/// <remarks>A volume whose journal was deleted and made anew has another journal: its identifier is asked for once in the life of this object, so each scan has one of its own.</remarks>
internal sealed unsafe class WindowsVolumes
{
    private readonly ConcurrentDictionary<ulong, ulong> _journals = [];

    /// <summary>Gets the identifier of the journal of the volume that a file lies on; 0 if there is none, or it may not be seen.</summary>
    public ulong JournalOf(ulong serialNumber, SafeFileHandle file)
        => _journals.TryGetValue(serialNumber, out ulong known) ? known : _journals.GetOrAdd(serialNumber, Ask(file));

    /// <summary>Asks by way of the file itself: any handle on the volume will do.</summary>
    private static ulong Ask(SafeFileHandle file)
    {
        Span<byte> journal = stackalloc byte[128];
        uint length;
        fixed (byte* j = journal)
        {
            return WindowsCalls.DeviceIoControl(file, WindowsCalls.QueryUsnJournal, null, 0, j, 128, &length, 0) && length >= sizeof(ulong)
                ? BinaryPrimitives.ReadUInt64LittleEndian(journal)
                : 0;
        }
    }
}
