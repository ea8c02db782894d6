using System.Buffers.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads the lines of <c>.ndb</c> and <c>.db</c> databases.</summary>
/// <remarks>Source: ClamAV's documentation, "Extended signature format"; its oldest format has only a name and a body.</remarks>
internal sealed class BodySignatureReader(SignatureImageBuilder builder)
{
    private const int MinFields = 4;
    private const int MaxFields = 6;

    private readonly PatternCompiler _patterns = new(builder);

    /// <summary>Reads a line of an <c>.ndb</c> database: <c>name:target:offset:body[:minimum level[:maximum level]]</c>.</summary>
    /// <exception cref="SignatureSyntaxException">It is no signature.</exception>
    /// <exception cref="UnsupportedSignatureException">It asks for more than this engine does.</exception>
    public DefinitionLineKind ReadExtended(ReadOnlySpan<byte> line)
    {
        Span<Range> fields = stackalloc Range[MaxFields + 1];
        int count = LineFields.Split(line, (byte)':', fields);
        if (count is < MinFields or > MaxFields)
        {
            throw new SignatureSyntaxException("line", $"{count} fields, where {MinFields} to {MaxFields} are allowed");
        }

        if (!FunctionalityLevel.Includes(line, fields[4..count]))
        {
            return DefinitionLineKind.OtherLevel;
        }

        ContentTarget target = ParseTarget(line[fields[1]]);
        Add(line[fields[0]], target, PatternOffset.Parse(line[fields[2]], target), line[fields[3]]);
        return DefinitionLineKind.Signature;
    }

    /// <summary>Reads a line of a <c>.db</c> database: <c>name=body</c>.</summary>
    /// <exception cref="SignatureSyntaxException">It is no signature.</exception>
    /// <exception cref="UnsupportedSignatureException">It asks for more than this engine does.</exception>
    public DefinitionLineKind ReadPlain(ReadOnlySpan<byte> line)
    {
        int equals = line.IndexOf((byte)'=');
        if (equals < 0)
        {
            throw new SignatureSyntaxException("line", "it has no \"=\" between name and body");
        }

        Add(line[..equals], ContentTarget.Any, PatternOffset.Anywhere, line[(equals + 1)..]);
        return DefinitionLineKind.Signature;
    }

    private void Add(ReadOnlySpan<byte> name, ContentTarget target, PatternOffset offset, ReadOnlySpan<byte> body)
    {
        if (name.IsEmpty)
        {
            throw new SignatureSyntaxException("name", "it is empty");
        }

        PatternRecord pattern = _patterns.Compile(body, offset, PatternModifiers.None, out PatternAnchor anchor);
        int index = builder.Patterns.Count;
        builder.Patterns.Add(pattern);
        builder.Add(
            new SignatureRecord { FirstPattern = index, Patterns = 1, Expression = -1, Conditions = -1, Target = target }, name, [anchor with { Pattern = index }]);
    }

    private static ContentTarget ParseTarget(ReadOnlySpan<byte> text) => text.SequenceEqual("*"u8)
        ? ContentTarget.Any
        : Utf8Parser.TryParse(text, out byte number, out int used) && used == text.Length && number < SignatureImageBuilder.Targets
            ? (ContentTarget)number
            : throw new SignatureSyntaxException("target", $"\"{System.Text.Encoding.UTF8.GetString(text[..Math.Min(text.Length, 40)])}\" is no number from 0 to 14");
}
