using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.Scanning.OnAccess;

/// <summary>One event as the kernel writes it: <c>struct fanotify_event_metadata</c> and the information records behind it, in the machine's byte order.</summary>
/// <remarks>Source: fanotify(7). Records of a kind that is not known are passed over, as the page asks.</remarks>
internal readonly ref struct FanotifyEvent
{
    /// <summary>The size in bytes of the metadata that every event begins with.</summary>
    public const int MetadataSize = 24;

    private const int KnownVersion = 3;
    private const int RecordHeaderSize = 4;
    private const int FileSystemIdSize = 8;
    private const int HandleHeaderSize = 8;

    /// <summary><c>MAX_HANDLE_SZ</c>: no file system's handle is longer.</summary>
    private const uint LargestHandle = 128;

    private const byte FileHandleRecord = 1;
    private const byte FolderHandleAndNameRecord = 2;
    private const byte FolderHandleRecord = 3;

    /// <summary>Gets what happened: bits of <see cref="Fan"/>, several where the kernel merged events.</summary>
    public ulong Mask { get; private init; }

    /// <summary>Gets the descriptor of the open file; -1 where handles are reported instead.</summary>
    public int Descriptor { get; private init; }

    /// <summary>Gets the process that did it; 0 if it is in no process namespace that this process sees.</summary>
    public int ProcessId { get; private init; }

    /// <summary>Gets the folder's <c>struct file_handle</c>; empty if there is none.</summary>
    public ReadOnlySpan<byte> Folder { get; private init; }

    /// <summary>Gets the entry's name in the folder, without the 0 behind it; empty if there is none.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>Gets the file's own <c>struct file_handle</c>; empty if there is none.</summary>
    public ReadOnlySpan<byte> File { get; private init; }

    private static class At
    {
        public const int EventLength = 0;
        public const int Version = 4;
        public const int MetadataLength = 6;
        public const int Mask = 8;
        public const int Descriptor = 16;
        public const int ProcessId = 20;
        public const int RecordType = 0;
        public const int RecordLength = 2;
        public const int HandleBytes = RecordHeaderSize + FileSystemIdSize;
    }

    /// <summary>Reads the event at the beginning of what the kernel wrote.</summary>
    /// <param name="bytes">What is left of it; afterwards, what is left behind the event.</param>
    /// <exception cref="InvalidDataException">It is no event, or one of another version: the message names structure, field and value.</exception>
    public static FanotifyEvent Take(scoped ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < MetadataSize)
        {
            throw Fault("fanotify_event_metadata", At.EventLength, $"needs {MetadataSize} bytes, {bytes.Length} left");
        }

        uint length = BitConverter.ToUInt32(bytes);
        byte version = bytes[At.Version];
        ushort metadata = BitConverter.ToUInt16(bytes[At.MetadataLength..]);
        if (version != KnownVersion)
        {
            throw Fault("fanotify_event_metadata", At.Version, $"{version} is not {KnownVersion}");
        }

        if (length < MetadataSize || length > (uint)bytes.Length)
        {
            throw Fault("fanotify_event_metadata", At.EventLength, $"{length} bytes are not from {MetadataSize} to the {bytes.Length} left");
        }

        if (metadata < MetadataSize || metadata > length)
        {
            throw Fault("fanotify_event_metadata", At.MetadataLength, $"{metadata} bytes are not from {MetadataSize} to the event's {length}");
        }

        ReadOnlySpan<byte> records = bytes[metadata..(int)length];
        ReadOnlySpan<byte> folder = [];
        ReadOnlySpan<byte> name = [];
        ReadOnlySpan<byte> file = [];
        while (!records.IsEmpty)
        {
            ReadOnlySpan<byte> record = TakeRecord(ref records);
            switch (record[At.RecordType])
            {
                case FileHandleRecord:
                    file = Handle(record, out _);
                    break;
                case FolderHandleRecord:
                    folder = Handle(record, out _);
                    break;
                case FolderHandleAndNameRecord:
                    folder = Handle(record, out ReadOnlySpan<byte> behind);
                    int end = behind.IndexOf((byte)0);
                    name = end >= 0 ? behind[..end] : throw Fault("fanotify_event_info_fid", record.Length, "the name has no end");
                    break;
            }
        }

        FanotifyEvent taken = new()
        {
            Mask = BitConverter.ToUInt64(bytes[At.Mask..]),
            Descriptor = BitConverter.ToInt32(bytes[At.Descriptor..]),
            ProcessId = BitConverter.ToInt32(bytes[At.ProcessId..]),
            Folder = folder,
            Name = name,
            File = file,
        };
        bytes = bytes[(int)length..];
        return taken;
    }

    private static ReadOnlySpan<byte> TakeRecord(scoped ref ReadOnlySpan<byte> records)
    {
        if (records.Length < RecordHeaderSize)
        {
            throw Fault("fanotify_event_info_header", At.RecordLength, $"needs {RecordHeaderSize} bytes, {records.Length} left");
        }

        ushort length = BitConverter.ToUInt16(records[At.RecordLength..]);
        if (length < RecordHeaderSize || length > records.Length)
        {
            throw Fault("fanotify_event_info_header", At.RecordLength, $"{length} bytes are not from {RecordHeaderSize} to the {records.Length} left");
        }

        ReadOnlySpan<byte> record = records[..length];
        records = records[length..];
        return record;
    }

    private static ReadOnlySpan<byte> Handle(ReadOnlySpan<byte> record, out ReadOnlySpan<byte> behind)
    {
        int room = record.Length - At.HandleBytes - HandleHeaderSize;
        if (room < 0)
        {
            throw Fault("fanotify_event_info_fid", At.HandleBytes, $"needs {HandleHeaderSize} bytes, {room + HandleHeaderSize} left");
        }

        uint size = BitConverter.ToUInt32(record[At.HandleBytes..]);
        if (size > LargestHandle || size > (uint)room)
        {
            throw Fault("fanotify_event_info_fid", At.HandleBytes, $"{size} bytes are more than the {Math.Min(LargestHandle, (uint)room)} that there can be");
        }

        int end = At.HandleBytes + HandleHeaderSize + (int)size;
        behind = record[end..];
        return record[At.HandleBytes..end];
    }

    private static InvalidDataException Fault(string structure, int offset, string detail, [CallerArgumentExpression(nameof(offset))] string field = "")
        => new($"{structure}.{field[(field.LastIndexOf('.') + 1)..]} at 0x{offset:X}: {detail}");
}
