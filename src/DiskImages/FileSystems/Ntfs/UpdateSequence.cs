using System.Buffers.Binary;

namespace Symantec.Virtualization.DiskImages.FileSystems.Ntfs;

/// <summary>The guard against torn writes: the last two bytes of every 512 bytes of a record, kept aside while a number stands in their place.</summary>
/// <remarks>The stride is 512 bytes on every disk, also where sectors are larger.</remarks>
internal static class UpdateSequence
{
    private const int Stride = 512;
    private const int WordSize = sizeof(ushort);

    /// <summary>Puts the kept bytes back.</summary>
    /// <param name="record">The record; a whole number of strides.</param>
    /// <param name="origin">Its offset on the volume.</param>
    /// <param name="arrayOffset">Where the record keeps the number and the bytes.</param>
    /// <param name="arrayCount">How many words it keeps: one more than there are strides.</param>
    /// <returns>
    /// <see langword="null"/> if the record is whole, else the fault: a part of it is of another time than the rest. Its bytes are put back all the
    /// same, since an old part nearly always says the same as the new one would.
    /// </returns>
    /// <exception cref="ImageFormatException">The array does not fit the record.</exception>
    public static ImageFault? Restore(Span<byte> record, long origin, int arrayOffset, int arrayCount)
    {
        int strides = record.Length / Stride;
        if (arrayCount != strides + 1 || arrayOffset > Stride - WordSize - (arrayCount * WordSize))
        {
            throw new ImageFormatException(new ImageFault(
                ImageFaultKind.InvalidValue, FileRecord.Structure, "UpdateSequence", origin + FileRecord.UpdateSequenceField,
                $"{arrayCount} words at 0x{arrayOffset:X} do not guard a record of {record.Length} bytes"));
        }

        ImageFault? torn = null;
        Span<byte> array = record.Slice(arrayOffset, arrayCount * WordSize);
        ushort number = BinaryPrimitives.ReadUInt16LittleEndian(array);
        for (int i = 1; i <= strides; i++)
        {
            int last = (i * Stride) - WordSize;
            Span<byte> guard = record.Slice(last, WordSize);
            ushort found = BinaryPrimitives.ReadUInt16LittleEndian(guard);
            if (found != number)
            {
                torn ??= new ImageFault(
                    ImageFaultKind.Mismatch, FileRecord.Structure, "UpdateSequence", origin + last,
                    $"0x{found:X4} stands where the record's number 0x{number:X4} should: the record was torn while it was written");
            }

            array.Slice(i * WordSize, WordSize).CopyTo(guard);
        }

        return torn;
    }
}
