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

    public HashTable Build()
    {
        int count = _sizes.Count;
        int tailSize = hashSize - HashTableColumns.KeySize;
        ReadOnlySpan<byte> hashes = _hashes.WrittenSpan;
        UInt128[] keys = new UInt128[count];
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
        {
            keys[i] = BinaryPrimitives.ReadUInt128BigEndian(hashes[(i * hashSize)..]);
            order[i] = i;
        }

        Array.Sort(keys, order);
        byte[] tails = new byte[count * tailSize];
        for (int i = 0; i < count; i++)
        {
            hashes.Slice((order[i] * hashSize) + HashTableColumns.KeySize, tailSize).CopyTo(tails.AsSpan(i * tailSize));
        }

        return new HashTable(hashSize, new HashTableColumns
        {
            Keys = keys,
            Tails = tails,
            Sizes = Array.ConvertAll(order, i => _sizes[i]),
            Names = Array.ConvertAll(order, i => _names[i]),
            Text = _text.WrittenSpan.ToArray(),
            KnownSizes = [.. _sizes.Distinct().Order()],
        });
    }
}
