using System.IO.Compression;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Unpacks the data blocks of a cabinet's folder.</summary>
internal sealed class CabFolderStream(MemberWalk walk, CabFolder folder) : FrameStream
{
    private const int BlockHeaderSize = 8;
    private const int StoredHeaderSize = 5;

    private LzxDecoder? _lzx;
    private long _at = folder.Start;
    private int _left = folder.Blocks;
    private int _history;

    protected override int ReadFrame(byte[] frame)
    {
        if (_left == 0)
        {
            return 0;
        }

        _left--;
        Span<byte> header = stackalloc byte[BlockHeaderSize];
        walk.Read(_at, header, "CabData");
        int packed = new HeaderBytes(header).U16(4);
        int unpacked = new HeaderBytes(header).U16(6);
        if (unpacked is 0 or > FrameSize)
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

                data.AsSpan(0, unpacked).CopyTo(frame);
                break;
            case 1:
                Inflate(data, frame, unpacked);
                break;
            case 3:
                _lzx ??= new LzxDecoder((folder.Compression >> 8) & 0x1F);
                _lzx.Decode(data, frame.AsSpan(0, unpacked));
                break;
            default:
                throw new NotSupportedException("packed by Quantum");
        }

        _history = unpacked;
        return unpacked;
    }

    /// <summary>
    /// Unpacks a block of MSZIP: a deflate stream of its own, which refers to the block in front of it. That is put in front of it, as stored bytes, and its
    /// copy in the output is thrown away.
    /// </summary>
    private void Inflate(byte[] data, byte[] frame, int unpacked)
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
        frame.AsSpan(0, _history).CopyTo(input.AsSpan(StoredHeaderSize));
        data.AsSpan(2).CopyTo(input.AsSpan(StoredHeaderSize + _history));
        using DeflateStream inflater = new(new MemoryStream(input), CompressionMode.Decompress);
        inflater.ReadExactly(frame, 0, _history);
        inflater.ReadExactly(frame, 0, unpacked);
    }
}
