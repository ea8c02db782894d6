namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The tag that is being read: its name, and the one attribute that its address stands in.</summary>
internal sealed class HtmlTag
{
    private readonly Word _name = new();
    private readonly Word _attribute = new();
    private readonly Word _value = new();
    private readonly Word _href = new();
    private readonly Word _src = new();
    private bool _hasHref;
    private bool _hasSrc;

    public bool HasName => _name.Length > 0;

    public bool HasAttribute => _attribute.Length > 0;

    public bool HasValue => _value.Length > 0;

    /// <summary>Gets a value indicating whether the attribute's value is a file that the page carries.</summary>
    public bool IsData => _value.Is("data:"u8) || _value.Is("\"data:"u8);

    public bool IsEnd => _name.Span.StartsWith("/"u8);

    public bool IsScript => _name.Is("script"u8);

    public bool IsScriptEnd => _name.Is("/script"u8);

    /// <summary>Gets where a link or a picture leads; empty of other tags.</summary>
    public ReadOnlySpan<byte> Address => _name.Is("a"u8) ? _href.Span : _name.Is("img"u8) ? _src.Span : [];

    public void Begin() => _name.Clear();

    public void AppendName(byte value) => _name.Append(value);

    public void BeginAttribute() => _attribute.Clear();

    public void AppendAttribute(byte value) => _attribute.Append(value);

    public void BeginValue() => _value.Clear();

    public void AppendValue(byte value) => _value.Append(value);

    /// <summary>Keeps the attribute; the first of a name counts.</summary>
    public void EndAttribute(bool hasValue)
    {
        if (_attribute.Is("href"u8))
        {
            Keep(_href, ref _hasHref, hasValue);
        }
        else if (_attribute.Is("src"u8))
        {
            Keep(_src, ref _hasSrc, hasValue);
        }
    }

    public void ForgetAttributes()
    {
        _href.Clear();
        _src.Clear();
        _hasHref = false;
        _hasSrc = false;
    }

    private void Keep(Word word, ref bool has, bool hasValue)
    {
        if (!has && hasValue)
        {
            // What began with a quote ends with one, or is cut where it was too long.
            ReadOnlySpan<byte> value = _value.Span;
            word.Set(!value.StartsWith("\""u8) ? value : value.Length > 1 ? value[1..^1] : []);
        }

        has = true;
    }

    /// <summary>A word of bounded length: what is longer is cut.</summary>
    private sealed class Word
    {
        private const int MaxLength = 1024;

        private readonly byte[] _bytes = new byte[MaxLength];

        public int Length { get; private set; }

        public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

        public bool Is(ReadOnlySpan<byte> text) => Span.SequenceEqual(text);

        public void Clear() => Length = 0;

        public void Append(byte value)
        {
            if (Length < MaxLength)
            {
                _bytes[Length++] = value;
            }
        }

        public void Set(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_bytes);
            Length = bytes.Length;
        }
    }
}
