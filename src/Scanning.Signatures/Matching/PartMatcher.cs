using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Compares parts of patterns with bytes.</summary>
internal static class PartMatcher
{
    private const int NoMatch = -1;

    /// <summary>Compares a part with the bytes at an offset.</summary>
    /// <param name="image">The signatures.</param>
    /// <param name="part">The part.</param>
    /// <param name="window">The bytes, with enough around the offset.</param>
    /// <param name="start">Where in the window the part would begin.</param>
    /// <returns>Where in the window it ends; below 0 if it does not stand there.</returns>
    public static int Match(SignatureImage image, ref readonly PartRecord part, in ByteWindow window, int start)
    {
        if (start < 0 || start > window.Bytes.Length - part.MinLength)
        {
            return NoMatch;
        }

        ReadOnlySpan<byte> code = image.Code.AsSpan(part.Code);
        if ((part.Forms & PartForms.Simple) == 0)
        {
            return MatchSteps(code, 0, window, start, start);
        }

        int length = part.MinLength;
        ReadOnlySpan<byte> bytes = window.Bytes.Slice(start, length);
        bool isEqual = (part.Forms & PartForms.Masked) == 0
            ? bytes.SequenceEqual(code[..length])
            : EqualsMasked(bytes, code[..length], code.Slice(length, length));
        return isEqual ? start + length : NoMatch;
    }

    private static int MatchSteps(ReadOnlySpan<byte> code, int step, in ByteWindow window, int start, int at)
    {
        ReadOnlySpan<byte> bytes = window.Bytes;
        while (true)
        {
            switch ((PartOp)code[step])
            {
                case PartOp.End:
                    return at;
                case PartOp.Literal:
                    int length = Length(code, step + 1);
                    if (at + length > bytes.Length || !EqualsMasked(bytes.Slice(at, length), code.Slice(step + 3, length), code.Slice(step + 3 + length, length)))
                    {
                        return NoMatch;
                    }

                    at += length;
                    step += 3 + (2 * length);
                    break;
                case PartOp.Set:
                    if (at >= bytes.Length || (code[step + 1 + (bytes[at] >> 3)] & (1 << (bytes[at] & 7))) == 0)
                    {
                        return NoMatch;
                    }

                    at++;
                    step += 33;
                    break;
                case PartOp.Alternates:
                    int width = Length(code, step + 4);
                    if (at + width > bytes.Length || IsAny(code, step, bytes.Slice(at, width)) == (code[step + 1] != 0))
                    {
                        return NoMatch;
                    }

                    at += width;
                    step = SkipAlternates(code, step);
                    break;
                case PartOp.UnevenAlternates:
                    return MatchUneven(code, step, window, start, at);
                case PartOp.Marker:
                    int taken = Markers.Match((MarkerKind)code[step + 1], (MarkerForms)code[step + 2], window, at);
                    if (taken < 0)
                    {
                        return NoMatch;
                    }

                    at += taken;
                    step += 3;
                    break;
                case PartOp.Behind:
                    if (!HasNearby(bytes, start - 1 - code[step + 2], start - 1 - code[step + 1], code[step + 3], code[step + 4]))
                    {
                        return NoMatch;
                    }

                    step += 5;
                    break;
                default:
                    if (!HasNearby(bytes, at + code[step + 1], at + code[step + 2], code[step + 3], code[step + 4]))
                    {
                        return NoMatch;
                    }

                    step += 5;
                    break;
            }
        }
    }

    private static bool IsAny(ReadOnlySpan<byte> code, int step, ReadOnlySpan<byte> bytes)
    {
        int count = Length(code, step + 2);
        int option = step + 4;
        for (int i = 0; i < count; i++)
        {
            if (EqualsMasked(bytes, code.Slice(option + 2, bytes.Length), code.Slice(option + 2 + bytes.Length, bytes.Length)))
            {
                return true;
            }

            option += 2 + (2 * bytes.Length);
        }

        return false;
    }

    /// <summary>Tries each run that stands there, and what follows behind it; a part can be read in few ways only.</summary>
    private static int MatchUneven(ReadOnlySpan<byte> code, int step, in ByteWindow window, int start, int at)
    {
        int count = Length(code, step + 2);
        int next = SkipAlternates(code, step);
        int option = step + 4;
        int failed = NoMatch;
        for (int i = 0; i < count; i++)
        {
            int length = Length(code, option);
            bool isThere = length != failed && at + length <= window.Bytes.Length
                && EqualsMasked(window.Bytes.Slice(at, length), code.Slice(option + 2, length), code.Slice(option + 2 + length, length));
            if (isThere)
            {
                int end = MatchSteps(code, next, window, start, at + length);
                if (end >= 0)
                {
                    return end;
                }

                failed = length;
            }

            option += 2 + (2 * length);
        }

        return NoMatch;
    }

    private static int SkipAlternates(ReadOnlySpan<byte> code, int step)
    {
        int count = Length(code, step + 2);
        int at = step + 4;
        for (int i = 0; i < count; i++)
        {
            at += 2 + (2 * Length(code, at));
        }

        return at;
    }

    private static bool HasNearby(ReadOnlySpan<byte> bytes, int first, int last, byte value, byte mask)
    {
        for (int i = Math.Max(first, 0); i <= last && i < bytes.Length; i++)
        {
            if ((bytes[i] & mask) == value)
            {
                return true;
            }
        }

        return false;
    }

    private static bool EqualsMasked(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> values, ReadOnlySpan<byte> masks)
    {
        int i = 0;
        for (; i <= bytes.Length - sizeof(ulong); i += sizeof(ulong))
        {
            ulong difference = Word(bytes, i) ^ Word(values, i);
            if ((difference & Word(masks, i)) != 0)
            {
                return false;
            }
        }

        for (; i < bytes.Length; i++)
        {
            if (((bytes[i] ^ values[i]) & masks[i]) != 0)
            {
                return false;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ReadOnlySpan<byte> bytes, int at) => MemoryMarshal.Read<ulong>(bytes[at..]);

    private static int Length(ReadOnlySpan<byte> code, int at) => BinaryPrimitives.ReadUInt16LittleEndian(code[at..]);
}
