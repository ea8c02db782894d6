using System.Buffers;
using System.Buffers.Binary;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads the lines of <c>.ldb</c> databases: <c>name;target description;expression;subsignature;...</c></summary>
/// <remarks>Source: ClamAV's documentation, "Logical signatures".</remarks>
internal sealed class LogicalSignatureReader(SignatureImageBuilder builder)
{
    private const int FixedFields = 3;
    private const int MaxBodyFields = 5;

    private readonly PatternCompiler _patterns = new(builder);
    private readonly List<Range> _fields = [];
    private readonly List<PatternRecord> _records = [];
    private readonly List<PatternRecord> _twins = [];
    private readonly List<IReadOnlyList<PatternAnchor>?> _anchors = [];

    /// <summary>Reads a line.</summary>
    /// <exception cref="SignatureSyntaxException">It is no signature.</exception>
    /// <exception cref="UnsupportedSignatureException">It asks for more than this engine does.</exception>
    public DefinitionLineKind Read(ReadOnlySpan<byte> line)
    {
        SplitFields(line);
        int count = _fields.Count - FixedFields;
        if (count is < 1 or > LogicalExpression.MaxSubsignatures)
        {
            throw new SignatureSyntaxException("line", $"{Math.Max(count, 0)} subsignatures, where 1 to {LogicalExpression.MaxSubsignatures} are allowed");
        }

        LogicalConditions conditions = LogicalConditions.Parse(line[_fields[1]]);
        if (!conditions.IsForThisLevel)
        {
            return DefinitionLineKind.OtherLevel;
        }

        LogicalExpression expression = LogicalExpression.Parse(line[_fields[2]]);
        if (expression.Greatest != count - 1)
        {
            throw new SignatureSyntaxException("expression", $"it names subsignatures up to {expression.Greatest}, and there are {count}");
        }

        if (line[_fields[0]].IsEmpty)
        {
            throw new SignatureSyntaxException("name", "it is empty");
        }

        ReadSubsignatures(line, conditions.Target, count);
        Add(line[_fields[0]], conditions, expression, count);
        return DefinitionLineKind.Signature;
    }

    /// <summary>Splits a line at its semicolons, but for those inside of regular expressions.</summary>
    private void SplitFields(ReadOnlySpan<byte> line)
    {
        _fields.Clear();
        bool isInRegex = false;
        int start = 0;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == ';' && !isInRegex)
            {
                _fields.Add(start..i);
                start = i + 1;
            }
            else if (line[i] == '/' && _fields.Count >= FixedFields - 1 && line[i - 1] != '\\')
            {
                isInRegex = !isInRegex;
            }
        }

        _fields.Add(start..line.Length);
    }

    private void ReadSubsignatures(ReadOnlySpan<byte> line, ContentTarget target, int count)
    {
        _records.Clear();
        _twins.Clear();
        _anchors.Clear();
        int first = builder.Patterns.Count;
        for (int id = 0; id < count; id++)
        {
            ReadOnlySpan<byte> text = line[_fields[FixedFields + id]];
            if (text.IsEmpty)
            {
                throw new SignatureSyntaxException($"subsignature {id}", "it is empty");
            }

            if (text[0] == '$')
            {
                throw new UnsupportedSignatureException("macro groups");
            }

            if (text.StartsWith("fuzzy_img#"u8))
            {
                throw new UnsupportedSignatureException("hashes of similar images");
            }

            try
            {
                if (text.Contains((byte)'/'))
                {
                    ReadRegex(text, target, id);
                }
                else if (ByteComparison.IsComparison(text))
                {
                    ReadComparison(text, id);
                }
                else
                {
                    ReadBody(text, target, first + id, first + count);
                }
            }
            catch (SignatureSyntaxException e)
            {
                throw new SignatureSyntaxException($"subsignature {id}, {e.Field}", e.Message);
            }
        }
    }

    /// <summary>Reads <c>[offset:]body[::modifiers]</c>.</summary>
    /// <remarks>As ClamAV counts them: with an even number of fields between colons the first is an offset; modifiers are read only behind one body.</remarks>
    private void ReadBody(ReadOnlySpan<byte> text, ContentTarget target, int number, int firstTwin)
    {
        Span<Range> fields = stackalloc Range[MaxBodyFields];
        int count = LineFields.Split(text, (byte)':', fields);
        bool hasOffset = count % 2 == 0;
        PatternModifiers modifiers = count is 3 or 4 ? PatternModifierLetters.Parse(text[fields[count - 1]]) : PatternModifiers.None;
        PatternOffset offset = hasOffset ? PatternOffset.Parse(text[fields[0]], target) : PatternOffset.Anywhere;
        ReadOnlySpan<byte> body = text[fields[hasOffset ? 1 : 0]];
        PatternModifiers common = modifiers & ~PatternModifiers.Ascii;
        PatternRecord record = _patterns.Compile(body, offset, common, out PatternAnchor anchor);
        List<PatternAnchor> anchors = [anchor with { Pattern = number }];
        if ((modifiers & PatternModifiers.Wide) != 0 && (modifiers & PatternModifiers.Ascii) != 0)
        {
            record.Twin = firstTwin + _twins.Count;
            _twins.Add(_patterns.Compile(body, offset, common & ~PatternModifiers.Wide, out PatternAnchor twin));
            anchors.Add(twin with { Pattern = record.Twin });
        }

        Add(record, anchors);
    }

    /// <summary>Reads <c>[offset:]trigger/expression/flags</c>.</summary>
    private void ReadRegex(ReadOnlySpan<byte> text, ContentTarget target, int id)
    {
        int start = text.IndexOf((byte)'/');
        int end = text.LastIndexOf((byte)'/');
        int colon = text[..start].IndexOf((byte)':');
        PatternOffset offset = colon < 0 ? PatternOffset.Anywhere : PatternOffset.Parse(text[..colon], target);
        if (end == start)
        {
            throw new SignatureSyntaxException("regular expression", "it is not closed");
        }

        LogicalExpression trigger = LogicalExpression.Parse(text[(colon + 1)..start]);
        CheckTrigger(trigger, id);
        RegexFlags flags = RegexRecord.ParseFlags(text[(end + 1)..]);
        ReadOnlySpan<byte> pattern = text[(start + 1)..end];
        if (!CompiledRegex.TryCompile(System.Text.Encoding.Latin1.GetString(pattern), flags, out _, out string why))
        {
            throw new UnsupportedSignatureException(why);
        }

        RegexRecord regex = new() { Trigger = trigger.WriteTo(builder.Code), Text = builder.Code.WrittenCount, TextLength = pattern.Length, Flags = flags };
        builder.Code.Write(pattern);
        builder.Regexes.Add(regex);
        Add(
            new PatternRecord
            {
                Kind = PatternKind.Regex,
                First = builder.Regexes.Count - 1,
                Twin = PatternRecord.None,
                Offset = offset.Kind,
                OffsetValue = offset.Value,
                OffsetShift = offset.MaxShift,
                OffsetSection = offset.Section,
            },
            new AnchorChooser(_anchors).Choose(trigger));
    }

    private void ReadComparison(ReadOnlySpan<byte> text, int id)
    {
        ByteComparison comparison = ByteComparison.Parse(text);
        SubsignatureExpression trigger = new(comparison.Trigger, default);
        CheckTrigger(trigger, id);
        builder.Comparisons.Add(comparison);
        Add(
            new PatternRecord { Kind = PatternKind.ByteComparison, First = builder.Comparisons.Count - 1, Twin = PatternRecord.None },
            new AnchorChooser(_anchors).Choose(trigger));
    }

    /// <summary>What waits for others waits for those in front of it, so that none waits for itself.</summary>
    private static void CheckTrigger(LogicalExpression trigger, int id)
    {
        if (trigger.Greatest >= id)
        {
            throw new UnsupportedSignatureException("subsignatures that wait for later ones");
        }
    }

    private void Add(PatternRecord record, IReadOnlyList<PatternAnchor>? anchors)
    {
        _records.Add(record);
        _anchors.Add(anchors);
    }

    private void Add(ReadOnlySpan<byte> name, LogicalConditions conditions, LogicalExpression expression, int count)
    {
        SignatureRecord signature = new()
        {
            FirstPattern = builder.Patterns.Count,
            Patterns = (ushort)count,
            Expression = expression.WriteTo(builder.Code),
            Conditions = -1,
            Target = conditions.Target,
        };
        if (conditions.Code.Length > 0)
        {
            signature.Conditions = builder.Code.WrittenCount;
            BinaryPrimitives.WriteUInt16LittleEndian(builder.Code.GetSpan(sizeof(ushort)), checked((ushort)conditions.Code.Length));
            builder.Code.Advance(sizeof(ushort));
            builder.Code.Write(conditions.Code);
        }

        builder.Patterns.AddRange(_records);
        builder.Patterns.AddRange(_twins);
        builder.Add(signature, name, new AnchorChooser(_anchors).Choose(expression) ?? []);
    }
}
