using System.Buffers.Binary;

namespace Symantec.Virtualization.InsightCache.Protocol;

/// <summary>What every answer must hold to.</summary>
internal readonly ref struct AnswerRules
{
    private readonly string _structure;
    private readonly ReadOnlySpan<byte> _frame;

    public AnswerRules(string structure, ReadOnlySpan<byte> frame, int headerSize, FrameKind kind)
    {
        _structure = structure;
        _frame = frame;
        Require(frame.Length >= headerSize, "magic", 0, $"needs {headerSize} bytes, {frame.Length} left");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(frame) == FrameHeader.Magic, "magic", 0, "is not \"ICF1\"");
        Require(frame[4] == (byte)kind, "kind", 4, $"{frame[4]} is not {(byte)kind}, a {kind}");
    }

    public void Require(bool holds, string field, int offset, string detail)
    {
        if (!holds)
        {
            throw new FrameException(_structure, field, offset, detail);
        }
    }

    public void RequireZero(string field, int offset, int size)
        => Require(!_frame.Slice(offset, size).ContainsAnyExcept((byte)0), field, offset, "is not 0");
}
