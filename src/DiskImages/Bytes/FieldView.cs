using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Symantec.Virtualization.DiskImages;

/// <summary>The fields of one on-disk structure: bounded reads that fail with the field's name and absolute offset.</summary>
/// <remarks>Callers pass an offset by its constant's name (<c>At.GrainSize</c>); that name is the field's name in a fault.</remarks>
/// <param name="bytes">The structure's bytes, as many as there are.</param>
/// <param name="structure">The structure's name.</param>
/// <param name="origin">The absolute offset of the first byte in its layer.</param>
internal readonly ref struct FieldView(ReadOnlySpan<byte> bytes, string structure, long origin)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Length => _bytes.Length;

    public byte U8(int offset, [CallerArgumentExpression(nameof(offset))] string field = "")
        => Bytes(offset, sizeof(byte), field)[0];

    public ushort U16(int offset, [CallerArgumentExpression(nameof(offset))] string field = "")
        => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(offset, sizeof(ushort), field));

    public uint U32(int offset, [CallerArgumentExpression(nameof(offset))] string field = "")
        => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(offset, sizeof(uint), field));

    public ulong U64(int offset, [CallerArgumentExpression(nameof(offset))] string field = "")
        => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(offset, sizeof(ulong), field));

    /// <summary>Reads a 64-bit size or offset that must not be negative when it is taken as signed.</summary>
    public long I63(int offset, [CallerArgumentExpression(nameof(offset))] string field = "")
    {
        ulong value = U64(offset, field);
        return value <= long.MaxValue
            ? (long)value
            : throw Fault(ImageFaultKind.InvalidValue, offset, $"0x{value:X} is above 2^63 - 1", field);
    }

    /// <summary>Reads a 64-bit number of sectors whose bytes can be counted.</summary>
    public SectorCount Sectors(int offset, [CallerArgumentExpression(nameof(offset))] string field = "")
    {
        ulong value = U64(offset, field);
        return value <= SectorCount.Max
            ? new SectorCount((long)value)
            : throw Fault(ImageFaultKind.InvalidValue, offset, $"0x{value:X} sectors are above {SectorCount.Max:N0}", field);
    }

    public Guid Guid(int offset, [CallerArgumentExpression(nameof(offset))] string field = "")
        => new(Bytes(offset, 16, field));

    public ReadOnlySpan<byte> Bytes(int offset, int size, [CallerArgumentExpression(nameof(offset))] string field = "")
        => offset >= 0 && size >= 0 && offset <= _bytes.Length - size
            ? _bytes.Slice(offset, size)
            : throw Fault(
                ImageFaultKind.Truncated, offset, $"needs {size} bytes, {Math.Max(0, _bytes.Length - (long)offset)} left", field);

    public ImageFormatException Fault(
        ImageFaultKind kind, int offset, string detail, [CallerArgumentExpression(nameof(offset))] string field = "")
        => new(new ImageFault(kind, structure, field[(field.LastIndexOf('.') + 1)..], origin + offset, detail));
}
