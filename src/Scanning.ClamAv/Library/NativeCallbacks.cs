using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

#pragma warning disable IDE0060 // The parameters are libclamav's.

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>What libclamav calls back. No exception may leave one: there is nobody on the other side to catch it.</summary>
internal static unsafe class NativeCallbacks
{
    private const int Continue = 0;
    private const int SkipLayer = 22;

    /// <summary>EIO. libclamav repeats a read for ever that fails with EINTR, which an unlucky last system call could have left there.</summary>
    private const int InputOutputError = 5;

    /// <summary>Takes a message of the library; for the whole process.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void OnMessage(int severity, byte* fullMessage, byte* message, nint context)
        => NativeCall.Current?.OnMessage(severity, LibClamAv.Text(message).TrimEnd());

    /// <summary>Takes the name of a finding.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void OnVirusFound(int descriptor, byte* name, nint context)
        => (NativeCall.Current as NativeScan)?.OnFound(LibClamAv.Text(name));

    /// <summary>Is asked before each layer of a content: the content, its members, theirs.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static int OnLayer(int descriptor, byte* type, nint context)
    {
        if (NativeCall.Current is not NativeScan scan)
        {
            return Continue;
        }

        scan.OnLayer(descriptor);
        return scan.IsOver ? SkipLayer : Continue;
    }

    /// <summary>Reads bytes of the content under scan.</summary>
    /// <returns>How many bytes were read; -1 if they cannot be.</returns>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static long OnRead(nint handle, byte* buffer, nuint count, long offset)
    {
        if (NativeCall.Current is NativeScan scan && count <= int.MaxValue && scan.TryRead(offset, new Span<byte>(buffer, (int)count), out int read))
        {
            return read;
        }

        Marshal.SetLastSystemError(InputOutputError);
        return -1;
    }
}
