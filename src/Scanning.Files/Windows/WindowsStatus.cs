using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Files;

/// <summary>What Windows tells of an open file.</summary>
internal static unsafe class WindowsStatus
{
    private const int UsnRecordSize = 1024;
    private const int UsnAt2 = 24;
    private const int UsnAt3 = 40;

    /// <summary>Tells a file's identity. Where the volume has no journal, or does not let this user see it, the journal's part is 0.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public static FileIdentity IdentityOf(SafeFileHandle file, WindowsVolumes volumes)
    {
        Span<byte> basic = stackalloc byte[40];
        Span<byte> standard = stackalloc byte[24];
        Span<byte> id = stackalloc byte[24];
        Get(file, WindowsCalls.BasicInfo, basic);
        Get(file, WindowsCalls.StandardInfo, standard);
        Get(file, WindowsCalls.IdInfo, id);
        ulong serial = BinaryPrimitives.ReadUInt64LittleEndian(id);
        ulong journal = volumes.JournalOf(serial, file);
        return new FileIdentity
        {
            Volume = serial.ToString("X16", null),
            FileId = BinaryPrimitives.ReadUInt128LittleEndian(id[8..]),
            Size = BinaryPrimitives.ReadInt64LittleEndian(standard[8..]),
            Created = ToTime(basic),
            Modified = ToTime(basic[16..]),
            Changed = ToTime(basic[24..]),
            JournalId = journal,
            LastUsn = journal == 0 ? 0 : UsnOf(file),
        };
    }

    /// <summary>Tells the name of the volume that a folder lies on.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public static string VolumeOf(string folder)
    {
        using SafeFileHandle handle = WindowsCalls.CreateFile(
            folder, WindowsCalls.ReadAttributes, WindowsCalls.ShareAll, 0, WindowsCalls.OpenExisting, WindowsCalls.BackupSemantics, 0);
        if (handle.IsInvalid)
        {
            throw new IOException($"{PrintableText.Escape(folder)} cannot be asked about: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        Span<byte> id = stackalloc byte[24];
        Get(handle, WindowsCalls.IdInfo, id);
        return BinaryPrimitives.ReadUInt64LittleEndian(id).ToString("X16", null);
    }

    private static void Get(SafeFileHandle file, int kind, Span<byte> buffer)
    {
        fixed (byte* b = buffer)
        {
            if (!WindowsCalls.GetFileInformationByHandleEx(file, kind, b, (uint)buffer.Length))
            {
                throw new IOException($"it cannot be asked about: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
    }

    /// <summary>Reads the file's last update sequence number: in a USN_RECORD of version 2 behind the 64-bit, in one of version 3 behind the 128-bit file numbers.</summary>
    private static long UsnOf(SafeFileHandle file)
    {
        Span<byte> record = stackalloc byte[UsnRecordSize];
        uint length;
        fixed (byte* r = record)
        {
            if (!WindowsCalls.DeviceIoControl(file, WindowsCalls.ReadFileUsnData, null, 0, r, UsnRecordSize, &length, 0))
            {
                return 0;
            }
        }

        return (length, BinaryPrimitives.ReadUInt16LittleEndian(record[4..])) switch
        {
            ( >= UsnAt2 + sizeof(long), 2) => BinaryPrimitives.ReadInt64LittleEndian(record[UsnAt2..]),
            ( >= UsnAt3 + sizeof(long), 3) => BinaryPrimitives.ReadInt64LittleEndian(record[UsnAt3..]),
            _ => 0,
        };
    }

    private static DateTime? ToTime(ReadOnlySpan<byte> bytes)
    {
        long ticks = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return ticks is > 0 and <= 2_650_467_743_999_999_999 ? DateTime.FromFileTimeUtc(ticks) : null;
    }
}
