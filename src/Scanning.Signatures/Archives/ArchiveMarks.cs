using System.Buffers.Binary;
using System.Numerics;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The archives that are looked for behind other bytes.</summary>
internal enum EmbeddedKind
{
    Zip,
    Rar,
    SevenZip,
    Cab,
}

/// <summary>Bytes with which an archive may begin.</summary>
/// <param name="Start">Their offset in the content.</param>
/// <param name="Kind">The archive's kind.</param>
internal readonly record struct ArchiveMark(long Start, EmbeddedKind Kind);

/// <summary>Notes where in a content archives may begin, while it is read for other reasons. Not safe for concurrent use.</summary>
/// <remarks>No mark has a zero among its first four bytes, so that none lies in a hole or across one.</remarks>
internal sealed class ArchiveMarks
{
    /// <summary>So many of a kind are noted. Each costs a look at its header, and scanners and unpackers hold a few.</summary>
    public const int MaxOfKind = 1024;

    private const int MarkLength = 4;
    private const int TailLength = MarkLength - 1;

    private static readonly Vector<byte> P = new((byte)'P');
    private static readonly Vector<byte> Four = new(4);
    private static readonly Vector<byte> R = new((byte)'R');
    private static readonly Vector<byte> Exclamation = new((byte)'!');
    private static readonly Vector<byte> Seven = new((byte)'7');
    private static readonly Vector<byte> Af = new(0xAF);
    private static readonly Vector<byte> M = new((byte)'M');
    private static readonly Vector<byte> F = new((byte)'F');

    private readonly List<ArchiveMark> _noted = [];
    private readonly int[] _counts = new int[Enum.GetValues<EmbeddedKind>().Length];
    private readonly byte[] _tail = new byte[TailLength];
    private int _tailLength;
    private long _next;

    /// <summary>Gets the marks, in the order of their offsets.</summary>
    public IReadOnlyList<ArchiveMark> Noted => _noted;

    /// <summary>Tells whether there are more marks of a kind than were noted.</summary>
    public bool HasMore(EmbeddedKind kind) => _counts[(int)kind] > MaxOfKind;

    /// <summary>Takes bytes. What lies between them and those before is a hole.</summary>
    /// <param name="offset">The offset of the first.</param>
    /// <param name="bytes">The bytes.</param>
    public void Append(long offset, ReadOnlySpan<byte> bytes)
    {
        // The border with the bytes before holds just the marks that neither of the two holds as a whole.
        Span<byte> border = stackalloc byte[2 * TailLength];
        int kept = offset == _next ? _tailLength : 0;
        int taken = Math.Min(bytes.Length, TailLength);
        _tail.AsSpan(0, kept).CopyTo(border);
        bytes[..taken].CopyTo(border[kept..]);
        border = border[..(kept + taken)];
        NoteEach(offset - kept, border);
        Search(offset, bytes);

        ReadOnlySpan<byte> end = bytes.Length >= TailLength ? bytes : border;
        _tailLength = Math.Min(end.Length, TailLength);
        end[^_tailLength..].CopyTo(_tail);
        _next = offset + bytes.Length;
    }

    /// <summary>Looks at the first and the last byte of each mark, many offsets at a time: such pairs are rarer than those of neighbours.</summary>
    private void Search(long offset, ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        for (int last = bytes.Length - TailLength - Vector<byte>.Count; at <= last; at += Vector<byte>.Count)
        {
            Vector<byte> first = new(bytes[at..]);
            Vector<byte> fourth = new(bytes[(at + TailLength)..]);
            Vector<byte> hits = (Vector.Equals(first, P) & Vector.Equals(fourth, Four)) | (Vector.Equals(first, R) & Vector.Equals(fourth, Exclamation))
                | (Vector.Equals(first, Seven) & Vector.Equals(fourth, Af)) | (Vector.Equals(first, M) & Vector.Equals(fourth, F));
            if (hits != Vector<byte>.Zero)
            {
                NoteEach(offset + at, bytes.Slice(at, Vector<byte>.Count + TailLength));
            }
        }

        NoteEach(offset + at, bytes[at..]);
    }

    private void NoteEach(long offset, ReadOnlySpan<byte> bytes)
    {
        for (int at = 0; at <= bytes.Length - MarkLength; at++)
        {
            EmbeddedKind? kind = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) switch
            {
                0x504B0304 => EmbeddedKind.Zip,
                0x52617221 => EmbeddedKind.Rar,
                0x377ABCAF => EmbeddedKind.SevenZip,
                0x4D534346 => EmbeddedKind.Cab,
                _ => null,
            };
            if (kind is { } found && !HasMore(found) && ++_counts[(int)found] <= MaxOfKind)
            {
                _noted.Add(new ArchiveMark(offset + at, found));
            }
        }
    }
}
