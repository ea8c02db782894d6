using System.Runtime.InteropServices;

namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>The types of attributes that are read here.</summary>
internal enum AttributeType : uint
{
    StandardInformation = 0x10,
    AttributeList = 0x20,
    FileName = 0x30,
    VolumeName = 0x60,
    VolumeInformation = 0x70,
    Data = 0x80,
    Bitmap = 0xB0,
    ReparsePoint = 0xC0,
    End = 0xFFFF_FFFF,
}

/// <summary>How the data of an attribute is kept.</summary>
[Flags]
internal enum AttributeFlags : ushort
{
    Compressed = 0x0001,
    Encrypted = 0x4000,
    Sparse = 0x8000,
}

/// <summary>One attribute of a file record, resident or not; little-endian.</summary>
/// <remarks>Source: the attribute record header as NTFS 3.0 and 3.1 write it.</remarks>
internal readonly ref struct NtfsAttribute
{
    private const string Structure = "Attribute";
    private const int ResidentHeaderSize = 0x18;
    private const int NonResidentHeaderSize = 0x40;

    private readonly FieldView _view;
    private readonly long _origin;
    private readonly int _nameLength;

    private static class At
    {
        public const int Length = 0x04;
        public const int NonResident = 0x08;
        public const int NameLength = 0x09;
        public const int NameOffset = 0x0A;
        public const int Flags = 0x0C;
        public const int ValueLength = 0x10;
        public const int ValueOffset = 0x14;
        public const int LowestVcn = 0x10;
        public const int HighestVcn = 0x18;
        public const int MappingPairsOffset = 0x20;
        public const int CompressionUnit = 0x22;
        public const int DataSize = 0x30;
        public const int InitializedSize = 0x38;
    }

    /// <param name="record">The record from the attribute's start up to the end of its bytes in use.</param>
    /// <param name="origin">The attribute's offset on the volume.</param>
    public NtfsAttribute(ReadOnlySpan<byte> record, long origin)
    {
        FieldView start = new(record, Structure, origin);
        Type = (AttributeType)start.U32(0, nameof(Type));
        if (Type == AttributeType.End)
        {
            return;
        }

        uint length = start.U32(At.Length);
        IsNonResident = start.U8(At.NonResident) != 0;
        int headerSize = IsNonResident ? NonResidentHeaderSize : ResidentHeaderSize;
        if (length < headerSize || length > record.Length || length % 8 != 0)
        {
            throw start.Fault(ImageFaultKind.InvalidValue, At.Length, $"{length} bytes are not a multiple of 8 from {headerSize} to {record.Length}");
        }

        Length = (int)length;
        _origin = origin;
        _view = new FieldView(record[..Length], Structure, origin);
        _nameLength = _view.U8(At.NameLength);
        Flags = (AttributeFlags)_view.U16(At.Flags);
    }

    public AttributeType Type { get; }

    public AttributeFlags Flags { get; }

    public bool IsNonResident { get; }

    /// <summary>Gets the attribute's length in the record, in bytes.</summary>
    public int Length { get; }

    /// <summary>Gets the name; empty for most attributes.</summary>
    public string Name => _nameLength == 0
        ? ""
        : NtfsText.Read(_view.Bytes(_view.U16(At.NameOffset), _nameLength * sizeof(char), nameof(At.NameOffset)));

    /// <summary>Gets the value of a resident attribute.</summary>
    public ReadOnlySpan<byte> Value
    {
        get
        {
            uint length = _view.U32(At.ValueLength);
            return length <= (uint)Length
                ? _view.Bytes(_view.U16(At.ValueOffset), (int)length, nameof(At.ValueOffset))
                : throw _view.Fault(ImageFaultKind.InvalidValue, At.ValueLength, $"{length} bytes do not fit the attribute's {Length}");
        }
    }

    /// <summary>Gets the volume offset of <see cref="Value"/>.</summary>
    public long ValueOrigin => _origin + _view.U16(At.ValueOffset);

    /// <summary>Gets the first cluster of the stream that this attribute maps; above 0 where it continues another one.</summary>
    public Vcn LowestVcn => new(IsNonResident ? _view.I63(At.LowestVcn) : 0);

    /// <summary>Gets the length of the stream in bytes.</summary>
    public long DataSize => _view.I63(At.DataSize);

    /// <summary>Gets how much of the stream was ever written; what follows up to its length reads as zeros.</summary>
    public long InitializedSize => _view.I63(At.InitializedSize);

    /// <summary>Gets the number of clusters that are compressed together, as an exponent of two.</summary>
    public int CompressionUnit => _view.U8(At.CompressionUnit);

    /// <summary>Decodes the runs of a non-resident attribute.</summary>
    public RunList DecodeRuns(NtfsGeometry geometry)
    {
        int offset = _view.U16(At.MappingPairsOffset);
        if (offset < NonResidentHeaderSize || offset > Length)
        {
            throw _view.Fault(ImageFaultKind.InvalidValue, At.MappingPairsOffset, $"0x{offset:X} does not lie in the attribute's {Length} bytes");
        }

        Vcn lowest = LowestVcn;
        RunList runs = RunList.Decode(_view.Bytes(offset, Length - offset), _origin + offset, lowest, geometry);
        long highest = unchecked((long)_view.U64(At.HighestVcn));

        // Some writers leave 0 where the attribute is the stream's only one.
        return highest == 0 || runs.End.Value - 1 == highest
            ? runs
            : throw _view.Fault(ImageFaultKind.Mismatch, At.HighestVcn, $"VCN {highest} is stored, the runs end at VCN {runs.End.Value - 1}");
    }
}

/// <summary>Text as NTFS keeps it: UTF-16, any sequence of its units, valid or not.</summary>
internal static class NtfsText
{
    public static string Read(ReadOnlySpan<byte> bytes) => BitConverter.IsLittleEndian
        ? new string(MemoryMarshal.Cast<byte, char>(bytes))
        : System.Text.Encoding.Unicode.GetString(bytes);
}
