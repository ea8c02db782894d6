using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>BinHex 4.0: a Macintosh file as text, six bits a character, with runs written as counts.</summary>
/// <remarks>Source: RFC 1741.</remarks>
internal static class BinHexFormat
{
    private const string Alphabet = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
    private const int ForksAt = 11;
    private const int CrcSize = 2;

    public static void Open(MemberWalk walk)
    {
        BinHexStream? stream = null;
        string name = "";
        long data = 0;
        long resources = 0;
        bool read = walk.Try("BinHexHeader", () =>
        {
            stream = new BinHexStream(walk.Stream());
            byte[] text = new byte[stream.ReadByte() is > 0 and { } length ? length : throw new InvalidDataException("no name")];
            stream.ReadExactly(text);
            name = Encoding.Latin1.GetString(text);
            byte[] fields = new byte[ForksAt + 8 + CrcSize];
            stream.ReadExactly(fields);
            data = new HeaderBytes(fields, bigEndian: true).U32(ForksAt);
            resources = new HeaderBytes(fields, bigEndian: true).U32(ForksAt + 4);
        });
        if (!read || !walk.Deliver(walk.Info(name) with { StatedLength = data }, () => new SliceStream(stream!, data)) || resources == 0)
        {
            return;
        }

        walk.Deliver(walk.Info($"{name}:rsrc") with { StatedLength = resources }, () =>
        {
            stream!.ReadExactly(new byte[CrcSize]);
            return new SliceStream(stream, resources);
        });
    }

    private sealed class BinHexStream(Stream text) : ForwardStream
    {
        private const int RunMark = 0x90;

        private bool _started;
        private int _bits;
        private int _bitCount;
        private int _last;
        private int _repeat;

        public override int Read(Span<byte> buffer)
        {
            int count = 0;
            while (count < buffer.Length)
            {
                if (_repeat > 0)
                {
                    _repeat--;
                    buffer[count++] = (byte)_last;
                    continue;
                }

                int next = Next();
                if (next < 0)
                {
                    break;
                }

                if (next != RunMark)
                {
                    buffer[count++] = (byte)(_last = next);
                    continue;
                }

                // A count of 0 stands for the mark itself.
                int run = Next();
                if (run == 0)
                {
                    buffer[count++] = (byte)(_last = RunMark);
                }
                else
                {
                    _repeat = Math.Max(0, run - 1);
                }
            }

            return count;
        }

        private int Next()
        {
            while (_bitCount < 8)
            {
                int character = text.ReadByte();
                if (character < 0 || (_started && character == ':'))
                {
                    return -1;
                }

                // The text begins with a colon, behind a line that says what it is.
                if (!_started)
                {
                    _started = character == ':';
                    continue;
                }

                int value = Alphabet.IndexOf((char)character, StringComparison.Ordinal);
                if (value >= 0)
                {
                    _bits = ((_bits << 6) | value) & 0xFFFF;
                    _bitCount += 6;
                }
            }

            _bitCount -= 8;
            return (_bits >> _bitCount) & 0xFF;
        }
    }
}
