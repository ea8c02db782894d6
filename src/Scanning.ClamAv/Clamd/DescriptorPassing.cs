using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>Hands an open file to the process at the other end of a Unix socket, for which .NET has no call. Linux on 64-bit x86 and Arm.</summary>
/// <remarks>Source: sendmsg(2), unix(7) "SCM_RIGHTS"; the layouts are those of a 64-bit little-endian Linux.</remarks>
internal static unsafe partial class DescriptorPassing
{
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int NoSignal = 0x4000;

    /// <summary>Gets a value indicating whether it can be done here.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Sends one byte, and the file with it.</summary>
    /// <exception cref="SocketException">It cannot be sent.</exception>
    public static void Send(Socket socket, SafeFileHandle file)
    {
        byte one = 0;
        Buffer buffer = new() { Start = &one, Length = 1 };
        Control control = new() { Length = (nuint)(sizeof(Control) - sizeof(int)), Level = SocketLevel, Kind = Rights };
        Message message = new() { Buffers = &buffer, BufferCount = 1, Control = &control, ControlLength = (nuint)sizeof(Control) };
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            control.Descriptor = (int)file.DangerousGetHandle();
            if (SendMessage(socket.SafeHandle, &message, NoSignal) != 1)
            {
                throw new SocketException(Marshal.GetLastPInvokeError());
            }
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeSocketHandle socket, Message* message, int flags);

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary><c>struct cmsghdr</c> with one descriptor behind it, filled up to a multiple of 8 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Control
    {
        public nuint Length;
        public int Level;
        public int Kind;
        public int Descriptor;
        public int Padding;
    }

    /// <summary><c>struct msghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public nint Name;
        public nuint NameLength;
        public Buffer* Buffers;
        public nuint BufferCount;
        public Control* Control;
        public nuint ControlLength;
        public nint Flags;
    }
}
