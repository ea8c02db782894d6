namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The markers of words and lines.</summary>
/// <remarks>Source: ClamAV's documentation, "Character classes"; which bytes are boundaries to the left and to the right, by trying them on clamscan.</remarks>
internal static class Markers
{
    /// <summary>The bytes in front of which a boundary is.</summary>
    private static ReadOnlySpan<byte> LeftBoundaries => " -./<@_"u8;

    /// <summary>The bytes behind which one is.</summary>
    private static ReadOnlySpan<byte> RightBoundaries => "\n\r \"'-/=>_"u8;

    /// <summary>Tells whether a marker holds.</summary>
    /// <returns>How many bytes it takes; below 0 if it does not hold.</returns>
    public static int Match(MarkerKind kind, MarkerForms forms, in ByteWindow window, int at)
    {
        bool isNegated = (forms & MarkerForms.Negated) != 0;
        if ((forms & MarkerForms.Left) != 0)
        {
            return HoldsLeft(kind, forms, window, at) != isNegated ? 0 : -1;
        }

        if ((forms & MarkerForms.Right) != 0)
        {
            return HoldsRight(kind, forms, window, at) != isNegated ? 0 : -1;
        }

        if (at >= window.Bytes.Length)
        {
            return -1;
        }

        int taken = Taken(kind, window.Bytes[at..]);
        return isNegated ? taken > 0 ? -1 : 1 : taken > 0 ? taken : -1;
    }

    private static int Taken(MarkerKind kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        MarkerKind.Line => bytes[0] == '\n' ? 1 : bytes.StartsWith("\r\n"u8) ? 2 : 0,
        MarkerKind.Word => char.IsAsciiLetterOrDigit((char)bytes[0]) ? 0 : 1,
        _ => LeftBoundaries.Contains(bytes[0]) || RightBoundaries.Contains(bytes[0]) ? 1 : 0,
    };

    private static bool HoldsLeft(MarkerKind kind, MarkerForms forms, in ByteWindow window, int at)
    {
        if (at == 0)
        {
            return window.IsAtBeginning;
        }

        byte before = window.Bytes[at - 1];
        return kind switch
        {
            MarkerKind.Line => before == '\n',
            MarkerKind.Boundary => LeftBoundaries.Contains(before),
            _ when (forms & MarkerForms.Wide) != 0 => at < 2 || !(char.IsAsciiLetterOrDigit((char)window.Bytes[at - 2]) && before == 0),
            _ => !char.IsAsciiLetterOrDigit((char)before),
        };
    }

    private static bool HoldsRight(MarkerKind kind, MarkerForms forms, in ByteWindow window, int at)
    {
        ReadOnlySpan<byte> behind = window.Bytes[at..];
        if (behind.IsEmpty)
        {
            return window.IsAtEnd;
        }

        return kind switch
        {
            MarkerKind.Line => behind[0] == '\n' || behind.StartsWith("\r\n"u8),
            MarkerKind.Boundary => RightBoundaries.Contains(behind[0]),
            _ when (forms & MarkerForms.Wide) != 0 && behind.Length > 1 => !(char.IsAsciiLetterOrDigit((char)behind[0]) && behind[1] == 0),
            _ => !char.IsAsciiLetterOrDigit((char)behind[0]),
        };
    }
}
