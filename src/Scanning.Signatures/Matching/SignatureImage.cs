using System.Buffers.Binary;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Body and logical signatures, compiled: flat tables that refer to each other by number. Immutable; safe for concurrent use.</summary>
internal sealed class SignatureImage
{
    private readonly AnchorFilter?[] _filters = new AnchorFilter?[SignatureImageBuilder.Targets];
    private readonly Lazy<AnchorTable?>[] _sparseAnchors;
    private readonly CompiledRegex?[] _regexes = [];

    public SignatureImage() => _sparseAnchors =
        [.. Enumerable.Range(0, SignatureImageBuilder.Targets).Select(target => new Lazy<AnchorTable?>(() => SparseAnchors.From(Anchors![target], this)))];

    /// <summary>Gets the code of parts, expressions and conditions.</summary>
    public required byte[] Code { get; init; }

    /// <summary>Gets the names in UTF-8, each behind its length in two bytes.</summary>
    public required byte[] Names { get; init; }

    public required PartRecord[] Parts { get; init; }

    public required PatternRecord[] Patterns { get; init; }

    public required SignatureRecord[] Signatures { get; init; }

    public required ByteComparison[] Comparisons { get; init; }

    public required RegexRecord[] Regexes
    {
        get;
        init
        {
            field = value;
            _regexes = new CompiledRegex?[value.Length];
        }
    }

    /// <summary>Gets the anchors, for each target.</summary>
    public required AnchorTable[] Anchors { get; init; }

    /// <summary>Gets the anchors of two bytes, for each target.</summary>
    public required AnchorTable[] ShortAnchors { get; init; }

    /// <summary>Gets the signatures that may match a content without any of their bytes, for each target.</summary>
    public required int[][] Always { get; init; }

    /// <summary>Gets the length of the longest part: so many bytes around an anchor must be at hand.</summary>
    public int Reach => field == 0 ? field = ReachOf(Parts) : field;

    /// <summary>Gets a signature's threat name.</summary>
    public string NameOf(int signature)
    {
        int at = Signatures[signature].Name;
        return Encoding.UTF8.GetString(Names, at + sizeof(ushort), BinaryPrimitives.ReadUInt16LittleEndian(Names.AsSpan(at)));
    }

    /// <summary>Gets the filter for contents of a target: its own anchors, and those of signatures for any.</summary>
    public AnchorFilter FilterOf(ContentTarget target) => _filters[(int)target] ??= new AnchorFilter(this, target);

    /// <summary>Gets the anchors for a target that need be looked for at some offsets only; <see langword="null"/> if there are none for all its signatures.</summary>
    public AnchorTable? SparseAnchorsOf(int target) => _sparseAnchors[target].Value;

    /// <summary>Gets a regular expression, compiled when it is first asked for: most never are.</summary>
    public CompiledRegex RegexOf(int index) => Volatile.Read(ref _regexes[index]) ?? CompileRegex(index);

    private CompiledRegex CompileRegex(int index)
    {
        RegexRecord record = Regexes[index];
        string pattern = Encoding.Latin1.GetString(Code, record.Text, record.TextLength);
        if (!CompiledRegex.TryCompile(pattern, record.Flags, out CompiledRegex? compiled, out string why))
        {
            throw new InvalidOperationException($"A regular expression that was accepted once is not any more: {why}.");
        }

        Volatile.Write(ref _regexes[index], compiled);
        return compiled;
    }

    private static int ReachOf(PartRecord[] parts)
    {
        // Behind the part itself, markers look at two more bytes and ranges in brackets at 33.
        const int Surroundings = 64;
        int longest = 0;
        foreach (PartRecord part in parts)
        {
            longest = Math.Max(longest, part.MaxLength);
        }

        return longest + Surroundings;
    }
}
