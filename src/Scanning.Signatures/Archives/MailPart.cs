namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>How the bytes of a part are written as text.</summary>
internal enum MailEncoding
{
    None,
    Base64,
    QuotedPrintable,
    UuEncoded,
}

/// <summary>What the headers of a part of a mail message say.</summary>
internal sealed class MailPart
{
    public MailEncoding Encoding { get; set; }

    public string Name { get; set; } = "part";

    public bool IsMultipart { get; private set; }

    public bool IsMessage { get; private set; }

    /// <summary>Gets or sets the line between the parts of this part.</summary>
    public string? Boundary { get; set; }

    /// <summary>Takes what matters from one header.</summary>
    public void Use(string header)
    {
        int colon = header.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return;
        }

        string value = header[(colon + 1)..].Trim();
        switch (header[..colon].Trim().ToUpperInvariant())
        {
            case "CONTENT-TRANSFER-ENCODING":
                Encoding = value.ToUpperInvariant() switch
                {
                    "BASE64" => MailEncoding.Base64,
                    "QUOTED-PRINTABLE" => MailEncoding.QuotedPrintable,

                    // The body then has the line that begins such a file, which is what tells it.
                    _ => MailEncoding.None,
                };
                break;
            case "CONTENT-TYPE":
                IsMultipart = value.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase);
                IsMessage = value.StartsWith("message/rfc822", StringComparison.OrdinalIgnoreCase);
                Boundary = Parameter(value, "boundary=") ?? Boundary;
                Name = Parameter(value, "name=") ?? Name;
                break;
            case "CONTENT-DISPOSITION":
                Name = Parameter(value, "filename=") ?? Name;
                break;
        }
    }

    private static string? Parameter(string value, string name)
    {
        int at = value.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        value = value[(at + name.Length)..];
        int end = value.StartsWith('"') ? value.IndexOf('"', 1) : value.IndexOfAny([';', ' ', '\t']);
        return (end < 0 ? value : value[..end]).Trim('"');
    }
}
