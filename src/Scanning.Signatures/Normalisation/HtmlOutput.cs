namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The views of an HTML page.</summary>
internal enum HtmlPart
{
    /// <summary>All but the comments: <c>nocomment.html</c> in ClamAV's words.</summary>
    Markup,

    /// <summary>The text between the tags, and where links and pictures lead: <c>notags.html</c>.</summary>
    Words,

    /// <summary>The scripts: <c>javascript</c>.</summary>
    Scripts,
}

/// <summary>Takes all that a page is made of, and writes one view of it.</summary>
internal sealed class HtmlOutput(NormalisedOutput output, HtmlPart part)
{
    private readonly ScriptWriter? _scripts = part == HtmlPart.Scripts ? new(output) : null;
    private bool _endsInSpace;

    public void Markup(byte value)
    {
        if (part == HtmlPart.Markup)
        {
            output.Write(value);
        }
    }

    /// <summary>Takes back the last byte of the markup.</summary>
    public void TakeBackMarkup()
    {
        if (part == HtmlPart.Markup)
        {
            output.TakeBack();
        }
    }

    /// <summary>A character of the text.</summary>
    public void Word(byte value)
    {
        Byte(value);
        _endsInSpace = false;
    }

    /// <summary>A space in the text, unless one was just written.</summary>
    public void Space()
    {
        if (!_endsInSpace)
        {
            Byte((byte)' ');
            _endsInSpace = true;
        }
    }

    /// <summary>A byte that is no ASCII: it does not count as the end of a space.</summary>
    public void Byte(byte value)
    {
        if (part == HtmlPart.Words)
        {
            output.Write(value);
        }
    }

    /// <summary>Where a link or a picture leads.</summary>
    public void Address(ReadOnlySpan<byte> address)
    {
        if (!address.IsEmpty)
        {
            foreach (byte value in address)
            {
                Byte(value);
            }

            Byte((byte)' ');
            _endsInSpace = true;
        }
    }

    /// <summary>A byte of a script.</summary>
    public void Script(byte value) => _scripts?.Append(value);

    public void EndScript() => _scripts?.End();
}
