using System.Buffers.Binary;
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

    private readonly HashTableColumns _columns;
    private readonly int[] _index = new int[(1 << IndexBits) + 1];
    private readonly int _tailSize;

    /// <param name="hashSize">The size of the algorithm's hashes in bytes.</param>
    /// <param name="columns">The entries.</param>
    public HashTable(int hashSize, HashTableColumns columns)
    {
        _tailSize = hashSize - HashTableColumns.KeySize;
        _columns = columns;
        FillIndex();
        HasAnySize = columns.KnownSizes.AsSpan().BinarySearch(HashSignature.AnySize) >= 0;
    }

    public int Count => _columns.Keys.Length;

    public HashTableColumns Columns => _columns;

    /// <summary>Gets a value indicating whether some signature is for files of any size.</summary>
    private bool HasAnySize { get; }

    /// <summary>Tells whether a file of a size can match at all.</summary>
    public bool CanMatch(long size) => HasAnySize || (size is > 0 and <= HashSignature.MaxSize && _columns.KnownSizes.AsSpan().BinarySearch((uint)size) >= 0);

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
        for (; at < Count && _columns.Keys[at] == key; at++)
        {
            bool isSize = _columns.Sizes[at] == HashSignature.AnySize || _columns.Sizes[at] == size;
            if (isSize && _columns.Tails.AsSpan(at * _tailSize, _tailSize).SequenceEqual(hash[HashTableColumns.KeySize..]))
            {
                return NameAt(_columns.Names[at]);
            }
        }

        return null;
    }

    private void FillIndex()
    {
        int next = 0;
        for (int bucket = 0; bucket < _index.Length; bucket++)
        {
            while (next < Count && (int)(_columns.Keys[next] >> (128 - IndexBits)) < bucket)
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
            if (_columns.Keys[middle] < key)
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
        int length = BinaryPrimitives.ReadUInt16LittleEndian(_columns.Text.AsSpan(offset));
        return Encoding.UTF8.GetString(_columns.Text, offset + sizeof(ushort), length);
    }
}

/// <summary>The entries of a table of hashes, sorted by hash, column by column.</summary>
internal sealed record HashTableColumns
{
    /// <summary>How many bytes of a hash are its key; the others are its tail.</summary>
    public const int KeySize = 16;

    public required UInt128[] Keys { get; init; }

    /// <summary>Gets what hashes have behind their key, one behind the other.</summary>
    public required byte[] Tails { get; init; }

    /// <summary>Gets the size of each one's file, or <see cref="HashSignature.AnySize"/>.</summary>
    public required uint[] Sizes { get; init; }

    /// <summary>Gets where each one's name begins in the text.</summary>
    public required int[] Names { get; init; }

    /// <summary>Gets the names in UTF-8, each behind its length in two bytes.</summary>
    public required byte[] Text { get; init; }

    /// <summary>Gets all sizes that some entry has, sorted.</summary>
    public required uint[] KnownSizes { get; init; }
}
