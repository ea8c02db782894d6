namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Where in a page the next byte is.</summary>
internal enum HtmlState
{
    /// <summary>Between tags.</summary>
    Text,

    /// <summary>In a run of white space between words.</summary>
    TextGap,

    /// <summary>In a character of the text that is no ASCII.</summary>
    WideText,

    /// <summary>In a comment.</summary>
    Comment,

    /// <summary>In the name of a tag.</summary>
    TagName,

    /// <summary>In the name of an attribute.</summary>
    AttributeName,

    /// <summary>Behind the name of an attribute and white space.</summary>
    AttributeEqual,

    /// <summary>In the value of an attribute.</summary>
    AttributeValue,

    /// <summary>At the first byte behind a tag.</summary>
    TagEnd,

    /// <summary>In a character reference of the text, of a value or of carried data.</summary>
    Reference,

    /// <summary>In the type of data that the page carries in a link.</summary>
    DataType,

    /// <summary>In such data.</summary>
    Data,

    /// <summary>Behind such data.</summary>
    DataEnd,

    /// <summary>In a percent escape of such data.</summary>
    DataEscape,
}
