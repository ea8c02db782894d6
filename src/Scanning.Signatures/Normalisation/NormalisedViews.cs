using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>A view of a content, and which signatures look at it besides those for any content.</summary>
internal readonly record struct TargetedView(ContentTarget Target, NormalisedView View);

/// <summary>The views that ClamAV makes of texts and of HTML pages.</summary>
internal static class NormalisedViews
{
    /// <summary>Lists the views of a content.</summary>
    /// <param name="content">The content.</param>
    /// <param name="type">What it is; of most types there are none.</param>
    public static IEnumerable<TargetedView> Of(ScanContent content, FileType type)
    {
        if (type.Target == ContentTarget.Text)
        {
            // Wide text is not decoded first: its characters' upper halves are dropped with the control characters.
            yield return new(ContentTarget.Text, new NormalisedView(content, static output => new TextFilter(output)));
        }
        else if (type.Target == ContentTarget.Html)
        {
            yield return new(ContentTarget.Html, Html(content, type, HtmlPart.Markup));
            yield return new(ContentTarget.Html, Html(content, type, HtmlPart.Words));

            // Scripts stand in files of their own too, which are texts.
            NormalisedView scripts = Html(content, type, HtmlPart.Scripts);
            yield return new(ContentTarget.Html, scripts);
            yield return new(ContentTarget.Text, scripts);
        }
    }

    private static NormalisedView Html(ScanContent content, FileType type, HtmlPart part)
        => type.Name == "CL_TYPE_HTML_UTF16"
            ? new(content, output => new NarrowingFilter(new HtmlFilter(new HtmlOutput(output, part))))
            : new(content, output => new HtmlFilter(new HtmlOutput(output, part)));
}
