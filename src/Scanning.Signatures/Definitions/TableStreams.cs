using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Writes tables one behind the other.</summary>
/// <remarks>
/// Magic and version in eight bytes; for each table its length in bytes, in eight, and the table as it is in memory; at the end XxHash128 over all before it. The
/// version is another one wherever a table changes its form, and on machines of another byte order.
/// </remarks>
internal sealed class TableWriter
{
    /// <summary>"SVDEF", and the version of the form.</summary>
    public const ulong Magic = 0x0006_0046_4544_5653;

    private readonly Stream _stream;
    private readonly XxHash128 _checksum = new();

    public TableWriter(Stream stream)
    {
        _stream = stream;
        WriteNumber(Magic);
    }

    public void WriteArray<T>(ReadOnlySpan<T> table)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(table);
        WriteNumber((ulong)bytes.Length);
        Write(bytes);
    }

    public void WriteEnd() => _stream.Write(_checksum.GetCurrentHash());

    private void WriteNumber(ulong number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        MemoryMarshal.Write(bytes, number);
        Write(bytes);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _checksum.Append(bytes);
        _stream.Write(bytes);
    }
}

/// <summary>Reads what <see cref="TableWriter"/> wrote.</summary>
internal sealed class TableReader
{
    private readonly Stream _stream;
    private readonly XxHash128 _checksum = new();

    /// <exception cref="InvalidDataException">It was written by another version.</exception>
    public TableReader(Stream stream)
    {
        _stream = stream;
        if (ReadNumber() != TableWriter.Magic)
        {
            throw new InvalidDataException("it was written by another version");
        }
    }

    /// <summary>Reads a table.</summary>
    /// <exception cref="InvalidDataException">It states a length that it cannot have.</exception>
    /// <exception cref="EndOfStreamException">It is cut.</exception>
    public T[] ReadArray<T>()
        where T : unmanaged
    {
        ulong length = ReadNumber();
        if (length > (ulong)(_stream.Length - _stream.Position) || length % (ulong)Unsafe.SizeOf<T>() != 0)
        {
            throw new InvalidDataException($"a table states {length:N0} bytes, which it cannot have");
        }

        T[] table = GC.AllocateUninitializedArray<T>((int)(length / (ulong)Unsafe.SizeOf<T>()));
        Span<byte> bytes = MemoryMarshal.AsBytes(table.AsSpan());
        _stream.ReadExactly(bytes);
        _checksum.Append(bytes);
        return table;
    }

    /// <summary>Checks that all was read as it was written.</summary>
    /// <exception cref="InvalidDataException">It was not.</exception>
    public void CheckEnd()
    {
        Span<byte> stored = stackalloc byte[16];
        _stream.ReadExactly(stored);
        if (!stored.SequenceEqual(_checksum.GetCurrentHash()))
        {
            throw new InvalidDataException("its checksum is wrong");
        }
    }

    private ulong ReadNumber()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        _stream.ReadExactly(bytes);
        _checksum.Append(bytes);
        return MemoryMarshal.Read<ulong>(bytes);
    }
}
