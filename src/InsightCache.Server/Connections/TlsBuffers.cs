using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Has OpenSSL give its buffers back while a connection waits: two of 17 KB, which it keeps for as long as the connection lives unless it is told not to.</summary>
/// <remarks>
/// .NET has no way to tell it (SSL_MODE_RELEASE_BUFFERS of SSL_CTX_set_mode(3)), so the handle is taken out of the stream. Where anything is not as it is in .NET 10 on OpenSSL 3, as on
/// Windows, nothing is done, which costs memory only. OpenSSL lets one thread at a time use a handle: this is for a stream whose handshake is over and whose reading has not begun.
/// </remarks>
internal static partial class TlsBuffers
{
    private const string Library = "libssl.so.3";
    private const int ControlMode = 33;
    private const nint ReleaseBuffers = 0x10;

    private static readonly FieldInfo? Context = OperatingSystem.IsLinux() && IsOpenSsl3() ? typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic) : null;

    /// <summary>Tells OpenSSL.</summary>
    /// <param name="stream">A stream whose handshake is over.</param>
    /// <returns>Whether it heard.</returns>
    public static bool ReleaseWhenIdle(SslStream stream)
        => Context?.GetValue(stream) is SafeHandle { IsInvalid: false } handle
            && handle.GetType().FullName == "Microsoft.Win32.SafeHandles.SafeSslHandle"
            && (Control(handle, ControlMode, ReleaseBuffers, 0) & ReleaseBuffers) != 0;

    [SupportedOSPlatform("linux")]
    private static bool IsOpenSsl3() => SafeEvpPKeyHandle.OpenSslVersion >> 28 == 3 && NativeLibrary.TryLoad(Library, out _);

    [LibraryImport(Library, EntryPoint = "SSL_ctrl")]
    private static partial nint Control(SafeHandle ssl, int command, nint argument, nint pointer);
}
