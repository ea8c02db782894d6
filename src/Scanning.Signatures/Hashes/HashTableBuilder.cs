using System.Buffers;
using System.Buffers.Binary;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Collects the signatures of one hash algorithm.</summary>
internal sealed class HashTableBuilder(int hashSize)
{
    private readonly ArrayBufferWriter<byte> _hashes = new();
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly List<uint> _sizes = [];
    private readonly List<int> _names = [];

    public void Add(HashSignature signature)
    {
        Convert.FromHexString(signature.Digits, _hashes.GetSpan(hashSize), out _, out _);
        _hashes.Advance(hashSize);
        _sizes.Add(signature.Size);
        _names.Add(_text.WrittenCount);
        Span<byte> length = _text.GetSpan(sizeof(ushort));
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)signature.Name.Length);
        _text.Advance(sizeof(ushort));
        _text.Write(signature.Name);
    }

    public HashTable Build() => new(hashSize, _hashes.WrittenSpan, [.. _sizes], [.. _names], _text.WrittenSpan.ToArray());
}
