using System.Buffers.Binary;
using System.Text;

namespace Symantec.Virtualization.DiskImages.FileSystems.Fat;

/// <summary>Attributes of a directory entry.</summary>
[Flags]
internal enum EntryAttributes : byte
{
    ReadOnly = 0x01,
    Hidden = 0x02,
    System = 0x04,
    VolumeLabel = 0x08,
    Directory = 0x10,
    Archive = 0x20,

    /// <summary>All four low bits: the entry holds a part of a long name.</summary>
    LongName = 0x0F,

    /// <summary>The bits that tell a part of a long name from a short entry.</summary>
    LongNameMask = 0x3F,
}

/// <summary>One short entry of a folder: 32 bytes, little-endian.</summary>
/// <remarks>Source: Microsoft FAT specification (fatgen103), section "FAT Directory Structure".</remarks>
internal readonly ref struct DirectoryEntry
{
    public const int Size = 32;

    /// <summary>First byte of an entry behind which there are no others.</summary>
    public const byte EndMark = 0x00;

    /// <summary>First byte of an entry that was deleted.</summary>
    public const byte DeletedMark = 0xE5;

    private const int NameSize = 8;
    private const int ShortNameSize = 11;

    /// <summary>Where the byte lies that the specification reserves for Windows NT (DIR_NTRes).</summary>
    public const int ReservedOffset = 0x0C;

    /// <summary>Set by Windows 10 and later where the content is an EFS ciphertext, which other systems show as a <c>.PFILE</c>.</summary>
    private const int EncryptedFlag = 0x01;

    /// <summary>Stands for a first character of 0xE5, which would mean a deleted entry.</summary>
    private const byte EscapedE5 = 0x05;

    private readonly ReadOnlySpan<byte> _bytes;

    private static class At
    {
        public const int Attributes = 0x0B;
        public const int NTRes = ReservedOffset;
        public const int CreateTimeTenth = 0x0D;
        public const int CreateTime = 0x0E;
        public const int CreateDate = 0x10;
        public const int LastAccessDate = 0x12;
        public const int FirstClusterHigh = 0x14;
        public const int WriteTime = 0x16;
        public const int WriteDate = 0x18;
        public const int FirstClusterLow = 0x1A;
        public const int FileSize = 0x1C;
    }

    public DirectoryEntry(ReadOnlySpan<byte> bytes) => _bytes = bytes[..Size];

    public byte Mark => _bytes[0];

    public EntryAttributes Attributes => (EntryAttributes)_bytes[At.Attributes];

    public bool IsDirectory => Attributes.HasFlag(EntryAttributes.Directory);

    /// <summary>Gets a value indicating whether the entry is a folder's link to itself or to its parent.</summary>
    public bool IsDot => IsDirectory && (_bytes[..ShortNameSize].SequenceEqual(".          "u8) || _bytes[..ShortNameSize].SequenceEqual("..         "u8));

    public uint FileSize => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[At.FileSize..]);

    /// <summary>Gets a value indicating whether the content is encrypted by EFS.</summary>
    public bool IsEncrypted => (_bytes[At.NTRes] & EncryptedFlag) != 0;

    /// <summary>Gets the sum over the short name that the parts of its long name repeat.</summary>
    public byte Checksum
    {
        get
        {
            int sum = 0;
            foreach (byte letter in _bytes[..ShortNameSize])
            {
                sum = (((sum & 1) << 7) + (sum >> 1) + letter) & 0xFF;
            }

            return (byte)sum;
        }
    }

    /// <summary>Gets the label of a volume's label entry.</summary>
    public string Label => Text(_bytes[..ShortNameSize], isLowerCase: false);

    /// <summary>Gets the name in 8.3 form, in the case that Windows NT notes beside it.</summary>
    public string ShortName
    {
        get
        {
            int flags = _bytes[At.NTRes];
            string name = Text(_bytes[..NameSize], (flags & 0x08) != 0);
            string extension = Text(_bytes[NameSize..ShortNameSize], (flags & 0x10) != 0);
            return extension.Length == 0 ? name : $"{name}.{extension}";
        }
    }

    public FileTimes Times => new(
        Time(Word(At.CreateDate), Word(At.CreateTime), _bytes[At.CreateTimeTenth]),
        Time(Word(At.WriteDate), Word(At.WriteTime), 0),
        Changed: null,
        Time(Word(At.LastAccessDate), 0, 0));

    /// <summary>Gets the first cluster; 0 for an empty file. FAT12 and FAT16 use the high half for other things.</summary>
    public uint FirstCluster(FatKind kind) => Word(At.FirstClusterLow) | (kind == FatKind.Fat32 ? (uint)Word(At.FirstClusterHigh) << 16 : 0);

    private ushort Word(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[offset..]);

    private static string Text(ReadOnlySpan<byte> padded, bool isLowerCase)
    {
        Span<byte> name = stackalloc byte[ShortNameSize];
        name = name[..padded.Length];
        padded.CopyTo(name);
        if (name[0] == EscapedE5)
        {
            name[0] = DeletedMark;
        }

        string text = OemText.Decode(name.TrimEnd((byte)' '));
        return isLowerCase ? text.ToLowerInvariant() : text;
    }

    private static DateTime? Time(ushort date, ushort time, byte tenths)
    {
        int day = date & 0x1F;
        int month = (date >> 5) & 0xF;
        int year = 1980 + (date >> 9);
        int second = (time & 0x1F) * 2;
        int minute = (time >> 5) & 0x3F;
        int hour = time >> 11;
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) && hour < 24 && minute < 60 && second < 60
            ? new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified).AddMilliseconds(tenths * 10)
            : null;
    }
}

/// <summary>Short names' text. The volume does not say in which code page its names are; 437 is that of most.</summary>
internal static class OemText
{
    private static readonly Encoding CodePage437 = CodePagesEncodingProvider.Instance.GetEncoding(437)!;

    public static string Decode(ReadOnlySpan<byte> bytes) => CodePage437.GetString(bytes);
}
