namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Reads an HTML page as ClamAV does, byte by byte, for signatures were written for what it makes of pages.</summary>
/// <remarks>
/// It is no browser: a comment ends at the first <c>&gt;</c>, white space ends a quotation, and white space next to tags is dropped. Values are not escaped by
/// backslashes. A script's text belongs to the markup, without its white space and with <c>"</c> for <c>'</c>.
/// </remarks>
internal sealed class HtmlFilter(HtmlOutput output) : IByteFilter
{
    private readonly HtmlTag _tag = new();
    private readonly CharacterReference _reference = new();

    // The page's own leading white space is dropped.
    private bool _skipsSpace = true;
    private HtmlState _state = HtmlState.Text;
    private HtmlState _behindReference;
    private byte _quote;
    private bool _inScript;
    private int _escaped;
    private WideCharacter _wideText;
    private WideCharacter _wideValue;

    /// <summary>Line ends are bytes of carried data, and white space elsewhere.</summary>
    private bool IsInData => _state is HtmlState.Data or HtmlState.DataEnd or HtmlState.DataEscape
        || (_state == HtmlState.Reference && _behindReference == HtmlState.Data);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value == 0 || (value == '\r' && !IsInData))
            {
                continue;
            }

            byte character = value == '\n' && !IsInData ? (byte)' ' : value;
            while (!Take(character))
            {
            }

            if (_inScript)
            {
                output.Script(character);
            }
        }
    }

    public void Complete()
    {
        Markup(_reference.Complete().Span);
        output.EndScript();
    }

    /// <summary>Takes a byte, or changes the state that it is to be taken in. From no state is there a way back to it without a byte taken.</summary>
    private bool Take(byte value)
    {
        if (_skipsSpace)
        {
            _skipsSpace = Ascii.IsSpace(value);
            return _skipsSpace;
        }

        return _state switch
        {
            HtmlState.Text => TakeText(value),
            HtmlState.TextGap => TakeTextGap(value),
            HtmlState.WideText => TakeWideText(value),
            HtmlState.Comment => TakeComment(value),
            HtmlState.TagName => TakeTagName(value),
            HtmlState.AttributeName => TakeAttributeName(value),
            HtmlState.AttributeEqual => TakeAttributeEqual(value),
            HtmlState.AttributeValue => TakeAttributeValue(value),
            HtmlState.TagEnd => EndTag(),
            HtmlState.Reference => TakeReference(value),
            HtmlState.DataType => TakeDataType(value),
            HtmlState.Data => TakeData(value),
            HtmlState.DataEnd => EndData(),
            _ => TakeDataEscape(value),
        };
    }

    private bool TakeText(byte value)
    {
        switch (value)
        {
            case (byte)'<':
                output.Markup(value);
                Space();
                _tag.Begin();
                return GoTo(HtmlState.TagName, skipsSpace: true);
            case (byte)'&':
                Space();
                return GoToReference();
            case >= 0x80:
                _wideText.Append(value);
                return GoTo(HtmlState.WideText);
        }

        if (Ascii.IsSpace(value))
        {
            Space();
            return GoTo(HtmlState.TextGap);
        }

        byte lower = Unquoted(value);
        output.Markup(lower);
        if (value < ' ')
        {
            Space();
        }
        else if (!_inScript)
        {
            output.Word(lower);
        }

        return true;
    }

    private bool TakeTextGap(byte value)
    {
        if (Ascii.IsSpace(value))
        {
            return true;
        }

        if (!_inScript)
        {
            output.Markup((byte)' ');
        }

        return Again(HtmlState.Text);
    }

    private bool TakeWideText(byte value)
    {
        if (!_wideText.EndsBefore(value))
        {
            _wideText.Append(value);
            return true;
        }

        ReadOnlySpan<byte> bytes = _wideText.Take(value, stackalloc byte[3], out bool tookValue);
        Markup(bytes);
        for (int i = 0; i < bytes.Length; i++)
        {
            // ClamAV writes the last byte but one twice, and a zero if there is none; signatures know these bytes.
            output.Byte(i < bytes.Length - 1 || bytes is [(byte)'.'] ? bytes[i] : bytes.Length > 1 ? bytes[^2] : (byte)0);
        }

        return GoTo(HtmlState.Text) && tookValue;
    }

    private bool TakeComment(byte value)
    {
        if (_inScript && !Ascii.IsSpace(value))
        {
            output.Markup(Unquoted(value));
        }

        return value == '>' ? GoTo(HtmlState.Text, skipsSpace: true) : true;
    }

    private bool TakeTagName(byte value)
    {
        if (!_tag.HasName && value == '!')
        {
            if (_inScript)
            {
                output.Markup(value);
            }
            else
            {
                output.TakeBackMarkup();
            }

            return GoTo(HtmlState.Comment);
        }

        if (value == '>')
        {
            output.Markup(value);
            return GoTo(HtmlState.TagEnd, skipsSpace: true);
        }

        if (Ascii.IsSpace(value))
        {
            _tag.BeginAttribute();
            return GoTo(_inScript ? HtmlState.TagEnd : HtmlState.AttributeName, skipsSpace: true);
        }

        output.Markup(Ascii.ToLower(value));
        if (_inScript && !_tag.HasName && value != '/')
        {
            // Only the script's end is a tag inside of it.
            return GoTo(HtmlState.Text);
        }

        _tag.AppendName(Ascii.ToLower(value));
        return true;
    }

    private bool TakeAttributeName(byte value)
    {
        switch (value)
        {
            case (byte)'=':
                return BeginValue();
            case (byte)'>':
                output.Markup(value);
                if (_tag.HasAttribute)
                {
                    _tag.EndAttribute(hasValue: false);
                }

                return GoTo(HtmlState.TagEnd);
        }

        if (Ascii.IsSpace(value))
        {
            return GoTo(HtmlState.AttributeEqual, skipsSpace: true);
        }

        if (!_tag.HasAttribute)
        {
            output.Markup((byte)' ');
        }

        output.Markup(Ascii.ToLower(value));
        _tag.AppendAttribute(Ascii.ToLower(value));
        return true;
    }

    private bool TakeAttributeEqual(byte value)
    {
        if (value == '=')
        {
            return BeginValue();
        }

        if (_tag.HasAttribute)
        {
            _tag.EndAttribute(hasValue: false);
        }

        _tag.BeginAttribute();
        return Again(HtmlState.AttributeName);
    }

    private bool BeginValue()
    {
        output.Markup((byte)'=');
        _quote = 0;
        _tag.BeginValue();
        return GoTo(HtmlState.AttributeValue, skipsSpace: true);
    }

    private bool TakeAttributeValue(byte value)
    {
        if (_tag.IsData)
        {
            output.TakeBackMarkup();
            if (_quote != 0)
            {
                output.Markup((byte)'"');
            }

            return Again(HtmlState.DataType);
        }

        switch (value)
        {
            case (byte)'&':
                return GoToReference();
            case (byte)'\'' or (byte)'"':
                return TakeQuote(value);
        }

        if (value != '>' && !Ascii.IsSpace(value))
        {
            return TakeValueByte(value);
        }

        if (_quote == 0)
        {
            return EndValue(tookByte: false);
        }

        output.Markup(value);
        _tag.AppendValue(value == '>' ? value : (byte)' ');
        _quote = 0;
        return GoTo(HtmlState.AttributeValue, skipsSpace: true);
    }

    private bool TakeQuote(byte value)
    {
        bool isFirst = !_tag.HasValue;
        output.Markup((byte)'"');
        _tag.AppendValue((byte)'"');
        if (isFirst)
        {
            _quote = value;
            return true;
        }

        return value != _quote || EndValue(tookByte: true);
    }

    private bool EndValue(bool tookByte)
    {
        _tag.EndAttribute(hasValue: true);
        _tag.BeginAttribute();
        return GoTo(HtmlState.AttributeName, skipsSpace: true) && tookByte;
    }

    private bool TakeValueByte(byte value)
    {
        if (_wideValue.EndsBefore(value))
        {
            ReadOnlySpan<byte> bytes = _wideValue.Take(value, stackalloc byte[3], out bool tookValue);
            foreach (byte one in bytes)
            {
                output.Markup(one);
                _tag.AppendValue(one);
            }

            if (tookValue)
            {
                return true;
            }
        }

        if (value >= 0x80)
        {
            _wideValue.Append(value);
        }
        else
        {
            output.Markup(Ascii.ToLower(value));
            _tag.AppendValue(value);
        }

        return true;
    }

    /// <summary>What follows a tag decides nothing, but a tag that nothing follows is none.</summary>
    private bool EndTag()
    {
        if (_tag.IsScriptEnd)
        {
            _inScript = false;
            output.EndScript();
        }
        else if (_tag.IsScript)
        {
            _inScript = true;
        }

        output.Address(_tag.Address);
        _tag.ForgetAttributes();
        return Again(HtmlState.Text, skipsSpace: true);
    }

    private bool TakeReference(byte value)
    {
        bool taken = _reference.Append(value, out bool ended);
        if (ended)
        {
            Markup(_reference.Text.Span);
            if (_behindReference == HtmlState.AttributeValue)
            {
                foreach (byte one in _reference.Value.Span)
                {
                    _tag.AppendValue(one);
                }
            }

            _state = _behindReference;
        }

        return taken;
    }

    private bool TakeDataType(byte value)
    {
        if (value == ',')
        {
            return GoTo(HtmlState.Data);
        }

        if (value is (byte)'\'' or (byte)'"')
        {
            return value == _quote ? GoToNextAttribute() : true;
        }

        if (value != '>' && !Ascii.IsSpace(value))
        {
            return true;
        }

        if (_quote == 0)
        {
            return GoToNextAttribute() && false;
        }

        _quote = 0;
        return GoTo(HtmlState.DataType, skipsSpace: true);
    }

    private bool TakeData(byte value)
    {
        bool ends = _quote == 0 ? value == '>' || Ascii.IsSpace(value) : value == _quote;
        return ends ? GoTo(HtmlState.DataEnd)
            : value switch
            {
                (byte)'&' => GoToReference(),
                (byte)'%' => BeginEscape(),
                _ => true,
            };
    }

    private bool BeginEscape()
    {
        _escaped = 0;
        return GoTo(HtmlState.DataEscape);
    }

    /// <summary>Two digits follow a percent sign; whatever stands there belongs to it.</summary>
    private bool TakeDataEscape(byte value)
    {
        _escaped++;
        return _escaped == 2 || !char.IsAsciiHexDigit((char)value) ? GoTo(HtmlState.Data) : true;
    }

    private bool EndData()
    {
        _quote = 0;
        return Again(HtmlState.AttributeName, skipsSpace: true);
    }

    private bool GoToNextAttribute()
    {
        _tag.BeginAttribute();
        return GoTo(HtmlState.AttributeName, skipsSpace: true);
    }

    private bool GoToReference()
    {
        _behindReference = _state;
        _reference.Begin();
        return GoTo(HtmlState.Reference);
    }

    private bool GoTo(HtmlState state, bool skipsSpace = false)
    {
        _state = state;
        _skipsSpace = skipsSpace;
        return true;
    }

    private bool Again(HtmlState state, bool skipsSpace = false) => !GoTo(state, skipsSpace);

    private void Space()
    {
        if (!_inScript)
        {
            output.Space();
        }
    }

    private void Markup(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            output.Markup(value);
        }
    }

    /// <summary>Scripts quote with either; signatures know one.</summary>
    private byte Unquoted(byte value) => _inScript && value == '\'' ? (byte)'"' : Ascii.ToLower(value);
}
