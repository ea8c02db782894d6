using System.Numerics;
using System.Runtime.Intrinsics;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Normalises text: letters become small, any run of white space one space, and what is neither ASCII nor white space is dropped.</summary>
/// <remarks>
/// These are the rules of ClamAV's text signatures (target 7). DEL stays. Sixteen bytes are taken at once, since every text is read through here: a bit for each tells
/// which of them stay.
/// </remarks>
internal sealed class TextFilter(NormalisedOutput output) : IByteFilter
{
    private const int Half = 8;

    /// <summary>For each choice among eight bytes where those that stay stand; what is behind them is of no account.</summary>
    private static readonly ulong[] Moves = [.. Enumerable.Range(0, 256).Select(MoveOf)];

    private bool _endsInSpace;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (Vector128.IsHardwareAccelerated)
        {
            for (; bytes.Length >= Vector128<byte>.Count; bytes = bytes[Vector128<byte>.Count..])
            {
                Append(Vector128.Create(bytes));
            }
        }

        foreach (byte value in bytes)
        {
            if (Ascii.IsSpace(value))
            {
                // Dropped characters do not part a run.
                if (!_endsInSpace)
                {
                    output.Write((byte)' ');
                }

                _endsInSpace = true;
            }
            else if (value is > 0x20 and < 0x80)
            {
                output.Write(Ascii.ToLower(value));
                _endsInSpace = false;
            }
        }
    }

    public void Complete()
    {
    }

    private void Append(Vector128<byte> bytes)
    {
        Vector128<byte> isSpace = Vector128.Equals(bytes, Vector128.Create((byte)' '))
            | Vector128.LessThanOrEqual(bytes - Vector128.Create((byte)9), Vector128.Create((byte)(13 - 9)));
        Vector128<byte> isOther = Vector128.LessThan(bytes - Vector128.Create((byte)0x21), Vector128.Create((byte)(0x80 - 0x21)));
        Vector128<byte> isCapital = Vector128.LessThan(bytes - Vector128.Create((byte)'A'), Vector128.Create((byte)26));
        Vector128<byte> text = Vector128.ConditionalSelect(isSpace, Vector128.Create((byte)' '), bytes | (isCapital & Vector128.Create((byte)0x20)));

        // Whether a space is the first of its run: in an addition a carry arises at every space, and what is dropped passes it on.
        uint spaces = isSpace.ExtractMostSignificantBits();
        uint others = isOther.ExtractMostSignificantBits();
        uint dropped = ~(spaces | others) & 0xFFFF;
        uint behindSpace = dropped ^ ((spaces | dropped) + spaces + (_endsInSpace ? 1u : 0));
        _endsInSpace = (behindSpace & 0x10000) != 0;
        uint kept = others | (spaces & ~behindSpace);

        Span<byte> room = output.Room(Vector128<byte>.Count);
        if (kept == 0xFFFF)
        {
            text.CopyTo(room);
            output.Advance(Vector128<byte>.Count);
            return;
        }

        int low = BitOperations.PopCount(kept & 0xFF);
        Vector128<byte> moved = Vector128.ShuffleNative(text, Vector128.Create(Moves[kept & 0xFF], Moves[kept >> Half] + 0x0808080808080808).AsByte());
        Vector64<byte> upper = moved.GetUpper();
        moved.GetLower().CopyTo(room);
        upper.CopyTo(room[low..]);
        output.Advance(low + BitOperations.PopCount(kept >> Half));
    }

    private static ulong MoveOf(int kept)
    {
        ulong move = 0;
        int count = 0;
        for (uint at = 0; at < Half; at++)
        {
            if ((kept & (1 << (int)at)) != 0)
            {
                move |= (ulong)at << (Half * count++);
            }
        }

        return move;
    }
}
