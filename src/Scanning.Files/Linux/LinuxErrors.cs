using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>Says in words why a call failed.</summary>
internal static class LinuxErrors
{
    /// <summary>Makes the exception of the last call's error.</summary>
    public static IOException Last(string what) => Of(Marshal.GetLastPInvokeError(), what);

    public static IOException Of(int error, string what)
    {
        string message = $"{what}: {Marshal.GetPInvokeErrorMessage(error)}";
        return error == LinuxCalls.NoSuchFile ? new FileNotFoundException(message) : new IOException(message);
    }
}
