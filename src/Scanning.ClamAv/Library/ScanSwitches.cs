using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.ClamAv;

/// <summary>What libclamav is to do in one scan: five words of flags. Source: <c>clamav.h</c>, <c>struct cl_scan_options</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ScanSwitches
{
    /// <summary>Names of the first word.</summary>
    public const uint Heuristics = 0x4, Unprivileged = 0x10;

    /// <summary>Names of the third word.</summary>
    public const uint AlertExceedsMax = 0x4, AlertEncryptedArchive = 0x40, AlertEncryptedDocument = 0x80;

    public uint General;
    public uint Parse;
    public uint Heuristic;
    public uint Mail;
    public uint Development;

    /// <summary>Makes the flags of a scan.</summary>
    /// <param name="heuristics">Whether libclamav's own rules of thumb may name a threat.</param>
    public static ScanSwitches Of(bool heuristics) => new()
    {
        // Unprivileged: no parser may open a file by the name that it was given, which would be a file of the host.
        General = Unprivileged | (heuristics ? Heuristics : 0),
        Parse = uint.MaxValue,

        // Without these three, what is over a limit or encrypted comes back as clean.
        Heuristic = AlertExceedsMax | AlertEncryptedArchive | AlertEncryptedDocument,
    };
}
