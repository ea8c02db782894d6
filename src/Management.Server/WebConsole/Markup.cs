using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Symantec.Virtualization.Management.Server.WebConsole;

/// <summary>
/// A piece of a page. It is written as an interpolated string, <c>Markup cell = $"&lt;td&gt;{name}&lt;/td&gt;"</c>: what stands in the source is markup, and whatever is put into a hole is text and
/// encoded, unless it is markup itself. There is no way to make markup of a string.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Markup
{
    /// <summary>Nothing.</summary>
    public static readonly Markup None = new(0, 0);

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder _text;

    public Markup(int literalLength, int formattedCount)
    {
        _text = new StringBuilder(literalLength + (formattedCount * 16));
    }

    /// <summary>One piece for each of some things.</summary>
    public static Markup Each<T>(IEnumerable<T> things, Func<T, Markup> show)
    {
        Markup all = new(0, 0);
        foreach (T thing in things)
        {
            all.AppendFormatted(show(thing));
        }

        return all;
    }

    /// <summary>A piece where something holds, and nothing elsewhere.</summary>
    public static Markup If(bool holds, Func<Markup> show) => holds ? show() : None;

    public void AppendLiteral(string literal) => _text.Append(literal);

    public void AppendFormatted(Markup? markup) => _text.Append(markup?._text);

    public void AppendFormatted(string? text) => _text.Append(text is null ? "" : Encoder.Encode(text));

    public void AppendFormatted(long number) => _text.Append(number.ToString(CultureInfo.InvariantCulture));

    public void AppendFormatted(double number) => _text.Append(number.ToString("0.##", CultureInfo.InvariantCulture));

    public void AppendFormatted(Guid id) => _text.Append(id.ToString("D"));

    public override string ToString() => _text.ToString();
}
