namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>SZDD: what Microsoft's COMPRESS.EXE made of single files.</summary>
/// <remarks>Source: Stuart Caie, "KWAJ and SZDD file formats".</remarks>
internal static class SzddFormat
{
    private const int HeaderSize = 14;

    public static void Open(MemberWalk walk)
    {
        byte[] header = new byte[HeaderSize];
        walk.Read(0, header, "SzddHeader");
        if (!header.AsSpan(4).StartsWith((ReadOnlySpan<byte>)[0x88, 0xF0, 0x27, 0x33, (byte)'A']))
        {
            walk.Incomplete("SzddHeader.Method at 0x4: is not known");
            return;
        }

        long length = new HeaderBytes(header).U32(10);
        walk.Deliver(
            walk.Info("content") with { PackedLength = walk.Container.Length, StatedLength = length }, () => new SliceStream(new LzssStream(walk.Stream(HeaderSize)), length));
    }

    /// <summary>Unpacks LZSS with a ring of 4 KiB, as several old programs wrote it.</summary>
    private sealed class LzssStream(Stream packed) : ForwardStream
    {
        private const int RingSize = 4096;

        private readonly byte[] _ring = NewRing();
        private int _at = RingSize - 16;
        private int _control = 1;
        private int _from;
        private int _left;

        public override int Read(Span<byte> buffer)
        {
            int count = 0;
            while (count < buffer.Length)
            {
                if (_left > 0)
                {
                    _left--;
                    buffer[count++] = Put(_ring[_from++ & (RingSize - 1)]);
                    continue;
                }

                if (_control == 1)
                {
                    _control = packed.ReadByte() | 0x100;
                }

                int next = packed.ReadByte();
                if (next < 0 || _control < 0)
                {
                    break;
                }

                if ((_control & 1) != 0)
                {
                    buffer[count++] = Put((byte)next);
                }
                else
                {
                    int length = packed.ReadByte();
                    if (length < 0)
                    {
                        break;
                    }

                    _from = next | ((length & 0xF0) << 4);
                    _left = (length & 0xF) + 3;
                }

                _control >>= 1;
            }

            return count;
        }

        private static byte[] NewRing()
        {
            byte[] ring = new byte[RingSize];
            ring.AsSpan().Fill((byte)' ');
            return ring;
        }

        private byte Put(byte value) => _ring[_at++ & (RingSize - 1)] = value;
    }
}
