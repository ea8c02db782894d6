using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What is known of a content besides its bytes.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Layout">Its layout, if it is an executable.</param>
/// <param name="Containers">The types of what it is in, the outermost first; empty for a file.</param>
internal readonly record struct ContentFacts(long Length, ExecutableLayout? Layout, IReadOnlyList<FileType> Containers);

/// <summary>The block of a logical signature that says for which contents it is: <c>Engine:51-255,Target:1,FileSize:100-200</c>.</summary>
/// <remarks>Source: ClamAV's documentation, "Logical signatures", "TargetDescriptionBlock".</remarks>
/// <param name="Target">The kind of content.</param>
/// <param name="IsForThisLevel">Whether it is for engines of this one's functionality level.</param>
/// <param name="Code">The other conditions, as code; empty if there is none.</param>
internal readonly record struct LogicalConditions(ContentTarget Target, bool IsForThisLevel, byte[] Code)
{
    private enum Condition : byte
    {
        FileSize = 1,
        EntryPoint,
        NumberOfSections,
        Container,
        Intermediates,
    }

    /// <summary>Reads the block.</summary>
    /// <exception cref="SignatureSyntaxException">It is none.</exception>
    /// <exception cref="UnsupportedSignatureException">It has a condition that this engine does not know.</exception>
    public static LogicalConditions Parse(ReadOnlySpan<byte> text)
    {
        ContentTarget? target = null;
        bool isForThisLevel = true;
        string? unsupported = null;
        ArrayBufferWriter<byte> code = new(16);
        foreach (Range range in text.Split((byte)','))
        {
            ReadOnlySpan<byte> pair = text[range];
            int colon = pair.IndexOf((byte)':');
            string key = Encoding.UTF8.GetString(colon < 0 ? pair : pair[..colon]);
            ReadOnlySpan<byte> value = colon < 0 ? throw Fault(key, "has no value") : pair[(colon + 1)..];
            switch (key)
            {
                case "Engine":
                    (uint low, uint high) = ParseRange(key, value);
                    isForThisLevel = low <= FunctionalityLevel.OfThisEngine && high >= FunctionalityLevel.OfThisEngine;
                    break;
                case "Target":
                    target = Utf8Parser.TryParse(value, out byte number, out int used) && used == value.Length && number < SignatureImageBuilder.Targets
                        ? (ContentTarget)number
                        : throw Fault(key, "is no number from 0 to 14");
                    break;
                case "FileSize":
                    Write(code, Condition.FileSize, ParseRange(key, value));
                    break;
                case "EntryPoint":
                    Write(code, Condition.EntryPoint, ParseRange(key, value));
                    break;
                case "NumberOfSections":
                    Write(code, Condition.NumberOfSections, ParseRange(key, value));
                    break;
                case "Container":
                    Write(code, Condition.Container, value);
                    break;
                case "Intermediates":
                    Write(code, Condition.Intermediates, value);
                    break;
                case "IconGroup1" or "IconGroup2":
                    unsupported ??= "icon groups";
                    break;
                case "HandlerType":
                    unsupported ??= "handler types";
                    break;
                default:
                    unsupported ??= $"conditions of another kind: {key}";
                    break;
            }
        }

        // A signature for other engines may well ask for what this one does not know.
        return isForThisLevel && unsupported is not null
            ? throw new UnsupportedSignatureException(unsupported)
            : new LogicalConditions(target ?? throw Fault("Target", "is missing"), isForThisLevel, code.WrittenSpan.ToArray());
    }

    /// <summary>Tells whether all conditions hold for a content.</summary>
    /// <param name="code">The conditions' code, and whatever stands behind it.</param>
    /// <param name="facts">What is known of the content.</param>
    public static bool Hold(ReadOnlySpan<byte> code, ContentFacts facts)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(code);
        code = code.Slice(sizeof(ushort), length);
        while (!code.IsEmpty)
        {
            Condition condition = (Condition)code[0];
            int size = BinaryPrimitives.ReadUInt16LittleEndian(code[1..]);
            if (!Holds(condition, code.Slice(3, size), facts))
            {
                return false;
            }

            code = code[(3 + size)..];
        }

        return true;
    }

    private static bool Holds(Condition condition, ReadOnlySpan<byte> operand, ContentFacts facts) => condition switch
    {
        Condition.FileSize => IsInRange(operand, facts.Length),
        Condition.EntryPoint => facts.Layout is { } program && IsInRange(operand, program.EntryPoint),
        Condition.NumberOfSections => facts.Layout is { } layout && IsInRange(operand, layout.Sections.Count),
        Condition.Container => IsType(operand, facts.Containers.Count > 0 ? facts.Containers[^1].Name : AnyType),
        _ => HasIntermediates(operand, facts.Containers),
    };

    /// <summary>How ClamAV calls the type of what a file is in: nothing.</summary>
    private const string AnyType = "CL_TYPE_ANY";

    private static bool IsInRange(ReadOnlySpan<byte> range, long value) =>
        value >= BinaryPrimitives.ReadUInt32LittleEndian(range) && value <= BinaryPrimitives.ReadUInt32LittleEndian(range[sizeof(uint)..]);

    private static bool IsType(ReadOnlySpan<byte> name, string type) => Encoding.UTF8.GetString(name) == type;

    /// <summary>Compares the types of the containers with a list, the innermost last in both.</summary>
    private static bool HasIntermediates(ReadOnlySpan<byte> list, IReadOnlyList<FileType> containers)
    {
        string[] names = Encoding.UTF8.GetString(list).Split('>');
        if (names.Length > containers.Count)
        {
            return false;
        }

        for (int i = 1; i <= names.Length; i++)
        {
            if (names[^i] != AnyType && names[^i] != containers[^i].Name)
            {
                return false;
            }
        }

        return true;
    }

    private static (uint Low, uint High) ParseRange(string key, ReadOnlySpan<byte> value)
    {
        int dash = value.IndexOf((byte)'-');
        return dash > 0 && Utf8Parser.TryParse(value[..dash], out uint low, out int lowUsed) && lowUsed == dash
            && Utf8Parser.TryParse(value[(dash + 1)..], out uint high, out int highUsed) && highUsed == value.Length - dash - 1
            ? (low, high)
            : throw Fault(key, "is no range of two numbers");
    }

    private static void Write(ArrayBufferWriter<byte> code, Condition condition, (uint Low, uint High) range)
    {
        Span<byte> operand = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(operand, range.Low);
        BinaryPrimitives.WriteUInt32LittleEndian(operand[sizeof(uint)..], range.High);
        Write(code, condition, operand);
    }

    private static void Write(ArrayBufferWriter<byte> code, Condition condition, ReadOnlySpan<byte> operand)
    {
        Span<byte> head = code.GetSpan(3);
        head[0] = (byte)condition;
        BinaryPrimitives.WriteUInt16LittleEndian(head[1..], checked((ushort)operand.Length));
        code.Advance(3);
        code.Write(operand);
    }

    private static SignatureSyntaxException Fault(string key, string what) => new("target description", $"\"{key}\" {what}");
}
