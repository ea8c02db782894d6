using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>Makes texts and amounts of this machine such that a manager takes them.</summary>
public static class WireText
{
    /// <summary>Shows what does not print by its code, and cuts what is too long in its middle: the ends of a path tell most.</summary>
    /// <param name="text">The text; hostile.</param>
    /// <param name="most">How many characters it may have.</param>
    /// <returns>A text that a manager takes; a hyphen where there is none.</returns>
    public static string Cut(string text, int most)
    {
        ArgumentNullException.ThrowIfNull(text);
        string shown = PrintableText.Escape(text);
        if (string.IsNullOrWhiteSpace(shown))
        {
            return "-";
        }

        if (shown.Length <= most)
        {
            return shown;
        }

        int head = (most - 1) / 2;
        int tail = most - 1 - head;
        if (char.IsHighSurrogate(shown[head - 1]))
        {
            head--;
        }

        int from = shown.Length - tail;
        return string.Concat(shown.AsSpan(0, head), "…", shown.AsSpan(char.IsLowSurrogate(shown[from]) ? from + 1 : from));
    }

    internal static long Bound(long amount) => Math.Clamp(amount, 0, Rules.MaxAmount);

    internal static long Bound(TimeSpan time) => Bound((long)time.TotalMilliseconds);
}
