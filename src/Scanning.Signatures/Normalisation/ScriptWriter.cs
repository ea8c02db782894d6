using System.Buffers;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Writes scripts with their variables renamed to <c>n000</c>, <c>n001</c> and so on, strings joined, and no white space but between words.</summary>
/// <remarks>A name is renamed before its declaration too, so that a script is written when all of it was read.</remarks>
internal sealed class ScriptWriter(NormalisedOutput output)
{
    /// <summary>Longer scripts are written as far as this: all tokens of a script are in memory at once. Scripts in pages are a tenth of it.</summary>
    private const int MaxLength = 1 << 20;

    private readonly ArrayBufferWriter<byte> _script = new();
    private char _last;

    /// <summary>Takes a byte of a script.</summary>
    public void Append(byte value)
    {
        if (_script.WrittenCount < MaxLength)
        {
            _script.Write([value]);
        }
        else
        {
            output.Cut = $"a script in it is longer than the {MaxLength:N0} bytes that are normalised of one";
        }
    }

    /// <summary>Ends a script, if there is one.</summary>
    public void End()
    {
        if (_script.WrittenCount == 0)
        {
            return;
        }

        if (output.Length > 0)
        {
            output.Write((byte)'\n');
        }

        ScriptScope scope = new(parent: null);
        List<ScriptToken> tokens = ScriptParser.Parse(_script.WrittenSpan, scope);
        _script.ResetWrittenCount();
        output.Write("<script>"u8);
        _last = '\0';
        foreach (ScriptToken token in tokens)
        {
            scope = token.Scope ?? (token.Kind == ScriptTokenKind.FunctionEnd ? scope.Parent : null) ?? scope;
            Write(token, scope);
        }

        // The end tag is the script's last token, unless the page ended before it or more was closed behind it.
        bool isClosed = tokens.Count >= 4 && tokens[^4].Is("<") && tokens[^3].Is("/") && tokens[^2].Text.Equals("script", StringComparison.OrdinalIgnoreCase) && tokens[^1].Is(">");
        output.Write(isClosed ? [] : "</script>"u8);
    }

    private void Write(ScriptToken token, ScriptScope scope)
    {
        switch (token.Kind)
        {
            case ScriptTokenKind.FunctionEnd:
                break;
            case not ScriptTokenKind.Text when token.Text.Length == 0:
                // What was joined or resolved to nothing.
                break;
            case ScriptTokenKind.Text:
                output.Write((byte)'"');
                Write(token.Text);
                output.Write((byte)'"');
                _last = '"';
                break;
            case ScriptTokenKind.Name:
                WriteWord(scope.Find(token.Text) is { } number ? $"n{number:D3}" : token.Text, first: 'a', last: 'a');
                break;
            default:
                WriteWord(token.Text, token.Text[0], token.Text[^1]);
                break;
        }
    }

    private void WriteWord(string text, char first, char last)
    {
        if (char.IsAsciiLetterOrDigit(_last) && char.IsAsciiLetterOrDigit(first))
        {
            output.Write((byte)' ');
        }

        Write(text);
        _last = last;
    }

    private void Write(string text)
    {
        foreach (char character in text)
        {
            byte value = (byte)character;
            output.Write(Ascii.IsSpace(value) ? (byte)' ' : Ascii.ToLower(value));
        }
    }
}
