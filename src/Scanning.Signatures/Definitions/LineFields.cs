namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Splits the lines of databases.</summary>
internal static class LineFields
{
    /// <summary>Splits a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="separator">What stands between fields.</param>
    /// <param name="fields">Takes as many fields as it has room for.</param>
    /// <returns>The number of fields taken.</returns>
    public static int Split(ReadOnlySpan<byte> line, byte separator, Span<Range> fields)
    {
        int count = 0;
        foreach (Range field in line.Split(separator))
        {
            if (count == fields.Length)
            {
                break;
            }

            fields[count++] = field;
        }

        return count;
    }
}
