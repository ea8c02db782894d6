using System.Buffers;
using System.Buffers.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What a line of a hash database is.</summary>
internal enum HashLineKind
{
    /// <summary>A signature for this engine.</summary>
    Signature,

    /// <summary>A comment, or nothing.</summary>
    Comment,

    /// <summary>A signature for engines that are older or newer than this one.</summary>
    OtherLevel,

    /// <summary>No signature.</summary>
    Malformed,
}

/// <summary>One line of an <c>.hdb</c> or <c>.hsb</c> database: <c>hash:size:name[:minimum level[:maximum level]]</c>.</summary>
/// <remarks>
/// Source: ClamAV's documentation, "File hash signatures". The hash is MD5, SHA-1 or SHA-256 by its length, in either kind of file. The size is the
/// file's, in bytes, or <c>*</c> for any, which engines understand from functionality level 73 on.
/// </remarks>
internal readonly ref struct HashSignature
{
    /// <summary>The functionality level of ClamAV that this engine stands for: that of 1.4.</summary>
    public const int EngineLevel = 216;

    /// <summary>A size of any.</summary>
    public const uint AnySize = 0;

    /// <summary>The largest size that a signature can state.</summary>
    public const uint MaxSize = uint.MaxValue - 1;

    private const int AnySizeLevel = 73;
    private const int MaxFields = 5;

    public HashAlgorithmKind Algorithm { get; private init; }

    /// <summary>Gets the hash's hexadecimal digits.</summary>
    public ReadOnlySpan<byte> Digits { get; private init; }

    /// <summary>Gets the file's size, or <see cref="AnySize"/>.</summary>
    public uint Size { get; private init; }

    /// <summary>Gets the threat's name, in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="field">The field that is wrong.</param>
    /// <param name="detail">What is wrong with it.</param>
    public static HashLineKind Parse(ReadOnlySpan<byte> line, out HashSignature signature, out string field, out string detail)
    {
        signature = default;
        (field, detail) = ("", "");
        if (line.IsEmpty || line[0] == '#')
        {
            return HashLineKind.Comment;
        }

        Span<Range> parts = stackalloc Range[MaxFields + 1];
        int count = Split(line, parts);
        if (count is < 3 or > MaxFields)
        {
            return Malformed("line", $"{count} fields, where 3 to {MaxFields} are allowed", out field, out detail);
        }

        // The other fields of a signature for another version may be in a form that this one does not know.
        int minimum = count > 3 ? ParseLevel(line[parts[3]]) : 0;
        int maximum = count > 4 ? ParseLevel(line[parts[4]]) : int.MaxValue;
        if (minimum > EngineLevel || maximum < EngineLevel)
        {
            return HashLineKind.OtherLevel;
        }

        ReadOnlySpan<byte> digits = line[parts[0]];
        if (AlgorithmOf(digits) is not { } algorithm)
        {
            return Malformed("hash", $"\"{Text(digits)}\" is not 32, 40 or 64 hexadecimal digits", out field, out detail);
        }

        if (!TryParseSize(line[parts[1]], out uint size))
        {
            return Malformed("size", $"\"{Text(line[parts[1]])}\" is neither \"*\" nor a number from 1 to {MaxSize}", out field, out detail);
        }

        ReadOnlySpan<byte> name = line[parts[2]];
        if (name.IsEmpty)
        {
            return Malformed("name", "it is empty", out field, out detail);
        }

        if (size == AnySize && minimum < AnySizeLevel)
        {
            return Malformed("minimum level", $"\"*\" as size needs a minimum level of {AnySizeLevel} or more", out field, out detail);
        }

        signature = new HashSignature { Algorithm = algorithm, Digits = digits, Size = size, Name = name };
        return HashLineKind.Signature;
    }

    private static int Split(ReadOnlySpan<byte> line, Span<Range> parts)
    {
        int count = 0;
        foreach (Range part in line.Split((byte)':'))
        {
            if (count == parts.Length)
            {
                break;
            }

            parts[count++] = part;
        }

        return count;
    }

    private static HashAlgorithmKind? AlgorithmOf(ReadOnlySpan<byte> digits)
    {
        Span<byte> hash = stackalloc byte[32];
        return digits.Length is 32 or 40 or 64 && Convert.FromHexString(digits, hash, out _, out _) == OperationStatus.Done
            ? digits.Length switch { 32 => HashAlgorithmKind.Md5, 40 => HashAlgorithmKind.Sha1, _ => HashAlgorithmKind.Sha256 }
            : null;
    }

    private static bool TryParseSize(ReadOnlySpan<byte> text, out uint size)
    {
        if (text.SequenceEqual("*"u8))
        {
            size = AnySize;
            return true;
        }

        ReadOnlySpan<byte> number = WithoutLead(text);
        return Utf8Parser.TryParse(number, out size, out int used) && used == number.Length && size is >= 1 and <= MaxSize;
    }

    /// <summary>Reads a level as ClamAV does, by C's <c>atoi</c>: as far as it is a number, and 0 where it is none.</summary>
    private static int ParseLevel(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(WithoutLead(text), out int level, out _) ? level : 0;

    /// <summary>Leaves out what C's functions allow in front of a number: white space and one plus sign.</summary>
    private static ReadOnlySpan<byte> WithoutLead(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> number = text.TrimStart(" \t\v\f\r"u8);
        return number is [(byte)'+', >= (byte)'0' and <= (byte)'9', ..] ? number[1..] : number;
    }

    private static string Text(ReadOnlySpan<byte> text) => System.Text.Encoding.UTF8.GetString(text[..Math.Min(text.Length, 80)]);

    private static HashLineKind Malformed(string wrongField, string what, out string field, out string detail)
    {
        (field, detail) = (wrongField, what);
        return HashLineKind.Malformed;
    }
}
