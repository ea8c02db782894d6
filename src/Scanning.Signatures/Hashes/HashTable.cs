using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The signatures of one hash algorithm, sorted for lookup. Immutable.</summary>
/// <remarks>
/// An entry takes 24 bytes and its name, and 16 more for SHA-256: three million of them fit in memory, and a lookup is an index by the first 16 bits and a
/// short binary search. Most files never come that far, since no signature has their size.
/// </remarks>
internal sealed class HashTable
{
    private const int IndexBits = 16;

    private readonly UInt128[] _keys;
    private readonly byte[] _tails;
    private readonly uint[] _sizes;
    private readonly int[] _names;
    private readonly byte[] _text;
    private readonly int[] _index = new int[(1 << IndexBits) + 1];
    private readonly FrozenSet<uint> _knownSizes;
    private readonly int _tailSize;

    /// <param name="hashSize">The size of the algorithm's hashes in bytes.</param>
    /// <param name="hashes">The hashes, one behind the other.</param>
    /// <param name="sizes">The size of each one's file, or <see cref="HashSignature.AnySize"/>.</param>
    /// <param name="names">Where each one's name begins in <paramref name="text"/>.</param>
    /// <param name="text">The names in UTF-8, each behind its length in two bytes.</param>
    public HashTable(int hashSize, ReadOnlySpan<byte> hashes, uint[] sizes, int[] names, byte[] text)
    {
        int count = sizes.Length;
        _tailSize = hashSize - 16;
        _text = text;
        _keys = new UInt128[count];
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
        {
            _keys[i] = BinaryPrimitives.ReadUInt128BigEndian(hashes[(i * hashSize)..]);
            order[i] = i;
        }

        Array.Sort(_keys, order);
        _tails = new byte[count * _tailSize];
        _sizes = new uint[count];
        _names = new int[count];
        for (int i = 0; i < count; i++)
        {
            hashes.Slice((order[i] * hashSize) + 16, _tailSize).CopyTo(_tails.AsSpan(i * _tailSize));
            _sizes[i] = sizes[order[i]];
            _names[i] = names[order[i]];
        }

        FillIndex();
        HasAnySize = sizes.Contains(HashSignature.AnySize);
        _knownSizes = sizes.ToFrozenSet();
    }

    public int Count => _keys.Length;

    /// <summary>Gets a value indicating whether some signature is for files of any size.</summary>
    private bool HasAnySize { get; }

    /// <summary>Tells whether a file of a size can match at all.</summary>
    public bool CanMatch(long size) => HasAnySize || (size is > 0 and <= HashSignature.MaxSize && _knownSizes.Contains((uint)size));

    /// <summary>Looks up a hash.</summary>
    /// <param name="hash">The file's hash.</param>
    /// <param name="size">The file's size.</param>
    /// <returns>The threat's name, or <see langword="null"/>.</returns>
    public string? Find(ReadOnlySpan<byte> hash, long size)
    {
        UInt128 key = BinaryPrimitives.ReadUInt128BigEndian(hash);
        int bucket = (int)(key >> (128 - IndexBits));
        int start = _index[bucket];
        int at = LowerBound(key, start, _index[bucket + 1]);
        for (; at < _keys.Length && _keys[at] == key; at++)
        {
            if ((_sizes[at] == HashSignature.AnySize || _sizes[at] == size) && _tails.AsSpan(at * _tailSize, _tailSize).SequenceEqual(hash[16..]))
            {
                return NameAt(_names[at]);
            }
        }

        return null;
    }

    private void FillIndex()
    {
        int next = 0;
        for (int bucket = 0; bucket < _index.Length; bucket++)
        {
            while (next < _keys.Length && (int)(_keys[next] >> (128 - IndexBits)) < bucket)
            {
                next++;
            }

            _index[bucket] = next;
        }
    }

    private int LowerBound(UInt128 key, int start, int end)
    {
        while (start < end)
        {
            int middle = start + ((end - start) / 2);
            if (_keys[middle] < key)
            {
                start = middle + 1;
            }
            else
            {
                end = middle;
            }
        }

        return start;
    }

    private string NameAt(int offset)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(_text.AsSpan(offset));
        return Encoding.UTF8.GetString(_text, offset + sizeof(ushort), length);
    }
}
