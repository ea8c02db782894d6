using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>One queue of the kernel's events, and what wakes the thread that waits for it. Safe for concurrent use.</summary>
internal sealed unsafe class FanotifyGroup : IDisposable
{
    private readonly SafeFileHandle _events;
    private readonly SafeFileHandle _alarm;

    private FanotifyGroup(SafeFileHandle events, SafeFileHandle alarm) => (_events, _alarm) = (events, alarm);

    /// <summary>Makes a group.</summary>
    /// <param name="flags">The class of the events and what they report.</param>
    /// <param name="eventFlags">How the kernel opens the files of events.</param>
    /// <param name="isPermission">Whether the group is to decide.</param>
    /// <exception cref="OnAccessException">The kernel or the process lacks what it takes.</exception>
    public static FanotifyGroup Create(uint flags, int eventFlags, bool isPermission)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new OnAccessException("fanotify is a part of Linux.");
        }

        if (RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            throw new OnAccessException($"fanotify is supported on 64-bit x86 and Arm, not on {RuntimeInformation.ProcessArchitecture}.");
        }

        int events = Native.FanotifyInit(flags | Fan.CloseOnExec | Fan.NonBlocking, (uint)eventFlags);
        if (events < 0)
        {
            throw Refused(Marshal.GetLastPInvokeError(), isPermission);
        }

        SafeFileHandle queue = new(events, ownsHandle: true);
        int alarm = Native.EventDescriptor(0, Native.CloseOnExec | Native.NonBlocking);
        if (alarm < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            queue.Dispose();
            throw Native.Failed("eventfd", error);
        }

        return new FanotifyGroup(queue, new SafeFileHandle(alarm, ownsHandle: true));
    }

    /// <summary>Changes what the group is told of a file, a mount or a file system.</summary>
    /// <returns>0, or the error.</returns>
    public int Mark(uint flags, ulong mask, string path)
        => Native.FanotifyMark(_events, flags, mask, Native.CurrentFolder, path) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Changes what the group is told of an open file.</summary>
    /// <returns>0, or the error.</returns>
    public int Mark(uint flags, ulong mask, SafeFileHandle file)
        => Native.FanotifyMark(_events, flags, mask, file, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Waits until there are events, somebody calls <see cref="Wake"/>, or the time is over.</summary>
    /// <param name="milliseconds">The longest time to wait; -1 for as long as it takes.</param>
    public void Wait(int milliseconds)
    {
        bool eventsHeld = false;
        bool alarmHeld = false;
        try
        {
            _events.DangerousAddRef(ref eventsHeld);
            _alarm.DangerousAddRef(ref alarmHeld);
            Native.PollEntry* entries = stackalloc Native.PollEntry[2];
            entries[0] = new() { Descriptor = (int)_events.DangerousGetHandle(), Wanted = Native.Readable };
            entries[1] = new() { Descriptor = (int)_alarm.DangerousGetHandle(), Wanted = Native.Readable };
            if (Native.Poll(entries, 2, milliseconds) < 0 && Marshal.GetLastPInvokeError() is not Native.Error.Interrupted and int error)
            {
                throw Native.Failed("poll", error);
            }
        }
        finally
        {
            if (alarmHeld)
            {
                _alarm.DangerousRelease();
            }

            if (eventsHeld)
            {
                _events.DangerousRelease();
            }
        }
    }

    /// <summary>Ends every wait, those to come included: the group is about to be closed.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Native.Write(_alarm, &one, sizeof(ulong));
    }

    /// <summary>Reads as many events as are there and fit.</summary>
    /// <returns>The number of bytes; 0 if there are no events; an error, negated.</returns>
    public int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count = Native.Read(_events, start, (nuint)buffer.Length);
            if (count >= 0)
            {
                return (int)count;
            }

            int error = Marshal.GetLastPInvokeError();
            return error is Native.Error.Again or Native.Error.Interrupted ? 0 : -error;
        }
    }

    /// <summary>Answers who waits to open a file. That it has gone meanwhile is no fault.</summary>
    /// <param name="descriptor">The event's descriptor.</param>
    /// <param name="decision">The answer.</param>
    public void Answer(int descriptor, OpenDecision decision)
    {
        // struct fanotify_response
        ulong response = unchecked((uint)descriptor) | ((ulong)(decision == OpenDecision.Allow ? Fan.Allow : Fan.Deny) << 32);
        while (Native.Write(_events, &response, sizeof(ulong)) < 0 && Marshal.GetLastPInvokeError() == Native.Error.Interrupted)
        {
        }
    }

    /// <summary>Closes the queue; the kernel lets everybody who still waits open the file.</summary>
    public void Dispose()
    {
        _events.Dispose();
        _alarm.Dispose();
    }

    private static OnAccessException Refused(int error, bool isPermission) => new(
        error switch
        {
            Native.Error.NotPermitted => "fanotify needs the capability CAP_SYS_ADMIN: run as root, in a container with --cap-add SYS_ADMIN.",
            Native.Error.NotImplemented => "This kernel was built without fanotify (CONFIG_FANOTIFY).",
            Native.Error.Invalid when isPermission => "This kernel was built without fanotify's permission events (CONFIG_FANOTIFY_ACCESS_PERMISSIONS).",
            Native.Error.Invalid => "This kernel's fanotify cannot report the names of files; that needs Linux 5.9.",
            Native.Error.TooManyFiles => "There are too many fanotify groups (fs.fanotify.max_user_groups) or open files.",
            _ => "fanotify is not available.",
        },
        Native.Failed("fanotify_init", error));
}
