using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Symantec.Virtualization.VirtualTagging;

/// <summary>Lists devices that are present: the registry keeps those of every machine that its disk was ever in.</summary>
[SupportedOSPlatform("windows")]
internal static partial class PresentDevices
{
    private const uint OfEnumerator = 0x0000_0001;
    private const uint Present = 0x0000_0100;
    private const int MaxLength = 1 << 20;

    /// <summary>Lists the instance ids under an enumerator, or <see langword="null"/> if Windows does not tell.</summary>
    public static IReadOnlyList<string>? List(string enumerator)
    {
        try
        {
            if (CM_Get_Device_ID_List_SizeW(out uint length, enumerator, OfEnumerator | Present) != 0 || length is 0 or > MaxLength)
            {
                return null;
            }

            char[] buffer = new char[length];
            return CM_Get_Device_ID_ListW(enumerator, buffer, length, OfEnumerator | Present) == 0
                ? new string(buffer).Split('\0', StringSplitOptions.RemoveEmptyEntries)
                : null;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;    // Nano Server and Wine lack it.
        }
    }

    [LibraryImport("cfgmgr32.dll", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int CM_Get_Device_ID_List_SizeW(out uint length, string filter, uint flags);

    [LibraryImport("cfgmgr32.dll", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int CM_Get_Device_ID_ListW(string filter, Span<char> buffer, uint length, uint flags);
}
