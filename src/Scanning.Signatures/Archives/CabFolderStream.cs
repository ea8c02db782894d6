using System.IO.Compression;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Unpacks the data blocks of a cabinet's folder.</summary>
internal sealed class CabFolderStream(MemberWalk walk, CabFolder folder) : ForwardStream
{
    private const int BlockHeaderSize = 8;

    /// <summary>A block unpacks to so many bytes, and may refer to as many in front of it.</summary>
    private const int BlockSize = 32 << 10;

    private const int StoredHeaderSize = 5;

    private readonly byte[] _block = new byte[BlockSize];
    private LzxDecoder? _lzx;
    private long _at = folder.Start;
    private int _left = folder.Blocks;
    private int _count;
    private int _taken;
    private int _history;
    private bool _isBroken;

    /// <summary>Gets how many bytes were read.</summary>
    public long Offset { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        while (_taken == _count)
        {
            if (_left == 0)
            {
                return 0;
            }

            if (_isBroken)
            {
                throw new InvalidDataException("a block in front of it is damaged");
            }

            _left--;
            _isBroken = true;
            ReadBlock();
            _isBroken = false;
        }

        int count = Math.Min(buffer.Length, _count - _taken);
        _block.AsSpan(_taken, count).CopyTo(buffer);
        _taken += count;
        Offset += count;
        return count;
    }

    public void SkipTo(long offset)
    {
        Span<byte> skipped = stackalloc byte[4096];
        while (Offset < offset)
        {
            if (Read(skipped[..(int)Math.Min(skipped.Length, offset - Offset)]) == 0)
            {
                throw new EndOfStreamException($"the folder ends at {Offset:N0}, in front of {offset:N0}");
            }
        }
    }

    private void ReadBlock()
    {
        Span<byte> header = stackalloc byte[BlockHeaderSize];
        walk.Read(_at, header, "CabData");
        int packed = new HeaderBytes(header).U16(4);
        int unpacked = new HeaderBytes(header).U16(6);
        if (unpacked is 0 or > BlockSize)
        {
            throw new InvalidDataException($"CabData.UncompressedSize at 0x{_at + 6:X}: {unpacked}");
        }

        byte[] data = new byte[packed];
        walk.Read(_at + BlockHeaderSize + folder.BlockReserve, data, "CabData");
        _at += BlockHeaderSize + folder.BlockReserve + packed;
        switch (folder.Compression & 0xF)
        {
            case 0:
                if (packed < unpacked)
                {
                    throw new InvalidDataException($"CabData.CompressedSize: {packed}");
                }

                data.AsSpan(0, unpacked).CopyTo(_block);
                break;
            case 1:
                Inflate(data, unpacked);
                break;
            case 3:
                _lzx ??= new LzxDecoder((folder.Compression >> 8) & 0x1F);
                _lzx.Decode(data, _block.AsSpan(0, unpacked));
                break;
            default:
                throw new NotSupportedException("packed by Quantum");
        }

        _taken = 0;
        _count = unpacked;
        _history = unpacked;
    }

    /// <summary>
    /// Unpacks a block of MSZIP: a deflate stream of its own, which refers to the block in front of it. That is put in front of it, as stored bytes, and its
    /// copy in the output is thrown away.
    /// </summary>
    private void Inflate(byte[] data, int unpacked)
    {
        if (!data.AsSpan().StartsWith("CK"u8))
        {
            throw new InvalidDataException($"CabData.Signature in front of 0x{_at:X}: is not CK");
        }

        byte[] input = new byte[StoredHeaderSize + _history + data.Length - 2];
        input[1] = (byte)(_history & 0xFF);
        input[2] = (byte)(_history >> 8);
        input[3] = (byte)(input[1] ^ 0xFF);
        input[4] = (byte)(input[2] ^ 0xFF);
        _block.AsSpan(0, _history).CopyTo(input.AsSpan(StoredHeaderSize));
        data.AsSpan(2).CopyTo(input.AsSpan(StoredHeaderSize + _history));
        using DeflateStream inflater = new(new MemoryStream(input), CompressionMode.Decompress);
        inflater.ReadExactly(_block, 0, _history);
        inflater.ReadExactly(_block, 0, unpacked);
    }
}

/// <summary>The next bytes of a stream that goes on behind them.</summary>
internal sealed class SliceStream(Stream inner, long length) : ForwardStream
{
    private long _left = length;

    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        _left -= read;
        return read;
    }
}
