using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Objects in RTF documents, which are written as hexadecimal digits.</summary>
/// <remarks>Source: Microsoft, "Rich Text Format (RTF) Specification" 1.9.1; "Object Linking and Embedding Data Structures" [MS-OLEDS].</remarks>
internal static class RtfFormat
{
    private const int WindowSize = 64 << 10;
    private const int MaxClassName = 256;

    public static void Open(MemberWalk walk)
    {
        ReadOnlySpan<byte> mark = "\\objdata"u8;
        byte[] window = new byte[WindowSize];
        for (long at = 0; at + mark.Length < walk.Container.Length;)
        {
            int count = (int)Math.Min(window.Length, walk.Container.Length - at);
            walk.Read(at, window.AsSpan(0, count), "RtfText");
            int found = window.AsSpan(0, count).IndexOf(mark);
            if (found < 0)
            {
                at += Math.Max(1, count - mark.Length + 1);
                continue;
            }

            at += found + mark.Length;
            long digits = at;
            if (!walk.Deliver(walk.Info("object"), () => new HexStream(walk.Stream(digits))) || !DeliverData(walk, digits))
            {
                return;
            }
        }
    }

    /// <summary>Hands in what the object holds, without the names of its class in front of it.</summary>
    private static bool DeliverData(MemberWalk walk, long digits)
    {
        string className = "";
        HexStream? stream = null;
        bool isObject = false;
        walk.Try("RtfObject", () =>
        {
            stream = new HexStream(walk.Stream(digits));
            OlePackage.Number(stream, 4);
            isObject = OlePackage.Number(stream, 4) == 2;
            className = Text(stream);
            Text(stream);
            Text(stream);
        });
        return !isObject || walk.Deliver(walk.Info(className), () =>
        {
            SliceStream data = new(stream!, OlePackage.Number(stream!, 4));
            return className == "Package" ? OlePackage.Open(data) : data;
        });
    }

    private static string Text(Stream stream)
    {
        long length = OlePackage.Number(stream, 4);
        byte[] text = new byte[length <= MaxClassName ? length : throw new InvalidDataException($"RtfObject has a name of {length:N0} bytes")];
        stream.ReadExactly(text);
        return Encoding.Latin1.GetString(text).TrimEnd('\0');
    }

    /// <summary>Reads pairs of digits, with anything but a closing brace between them.</summary>
    private sealed class HexStream(Stream text) : ForwardStream
    {
        public override int Read(Span<byte> buffer)
        {
            int count = 0;
            int high = -1;
            while (count < buffer.Length && text.ReadByte() is >= 0 and not '}' and { } next)
            {
                int digit = next switch
                {
                    >= '0' and <= '9' => next - '0',
                    >= 'a' and <= 'f' => next - 'a' + 10,
                    >= 'A' and <= 'F' => next - 'A' + 10,
                    _ => -1,
                };
                if (digit < 0)
                {
                    continue;
                }

                if (high < 0)
                {
                    high = digit;
                }
                else
                {
                    buffer[count++] = (byte)((high << 4) | digit);
                    high = -1;
                }
            }

            return count;
        }
    }
}
