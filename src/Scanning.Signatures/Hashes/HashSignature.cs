using System.Buffers;
using System.Buffers.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Which of a signature's first fields is which.</summary>
internal enum HashFieldOrder
{
    /// <summary>The hash, then the size: files.</summary>
    HashFirst,

    /// <summary>The size, then the hash: sections.</summary>
    SizeFirst,
}

/// <summary>One line of a database of hashes: <c>hash:size:name[:minimum level[:maximum level]]</c>, or <c>size:hash:name...</c> for sections.</summary>
/// <remarks>
/// Source: ClamAV's documentation, "File hash signatures". The hash is MD5, SHA-1 or SHA-256 by its length, in either kind of file. The size is that of what
/// is hashed, in bytes, or <c>*</c> for any, which engines understand from functionality level 73 on.
/// </remarks>
internal readonly ref struct HashSignature
{
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
    /// <param name="order">Which of hash and size comes first.</param>
    /// <param name="signature">The signature.</param>
    /// <param name="field">The field that is wrong.</param>
    /// <param name="detail">What is wrong with it.</param>
    public static DefinitionLineKind Parse(
        ReadOnlySpan<byte> line, HashFieldOrder order, out HashSignature signature, out string field, out string detail)
    {
        signature = default;
        (field, detail) = ("", "");
        Span<Range> parts = stackalloc Range[MaxFields + 1];
        int count = LineFields.Split(line, (byte)':', parts);
        if (count is < 3 or > MaxFields)
        {
            return Malformed("line", $"{count} fields, where 3 to {MaxFields} are allowed", out field, out detail);
        }

        // The other fields of a signature for another version may be in a form that this one does not know.
        int minimum = count > 3 ? FunctionalityLevel.Parse(line[parts[3]]) : 0;
        if (!FunctionalityLevel.Includes(line, parts[3..count]))
        {
            return DefinitionLineKind.OtherLevel;
        }

        bool isHashFirst = order == HashFieldOrder.HashFirst;
        ReadOnlySpan<byte> digits = line[parts[isHashFirst ? 0 : 1]];
        ReadOnlySpan<byte> sizeText = line[parts[isHashFirst ? 1 : 0]];
        if (AlgorithmOf(digits) is not { } algorithm)
        {
            return Malformed("hash", $"\"{Text(digits)}\" is not 32, 40 or 64 hexadecimal digits", out field, out detail);
        }

        if (!TryParseSize(sizeText, out uint size))
        {
            return Malformed("size", $"\"{Text(sizeText)}\" is neither \"*\" nor a number from 1 to {MaxSize}", out field, out detail);
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
        return DefinitionLineKind.Signature;
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

        ReadOnlySpan<byte> number = FunctionalityLevel.WithoutLead(text);
        return Utf8Parser.TryParse(number, out size, out int used) && used == number.Length && size is >= 1 and <= MaxSize;
    }

    private static string Text(ReadOnlySpan<byte> text) => System.Text.Encoding.UTF8.GetString(text[..Math.Min(text.Length, 80)]);

    private static DefinitionLineKind Malformed(string wrongField, string what, out string field, out string detail)
    {
        (field, detail) = (wrongField, what);
        return DefinitionLineKind.Malformed;
    }
}
