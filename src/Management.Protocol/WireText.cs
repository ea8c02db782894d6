using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Management.Protocol;

/// <summary>Makes texts and amounts of this machine such that a manager takes them.</summary>
internal static class WireText
{
    /// <summary>Shows what does not print by its code, and cuts what is too long in its middle: the ends of a path tell most.</summary>
    public static string Cut(string text, int most)
    {
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

    public static long Bound(long amount) => Math.Clamp(amount, 0, Rules.MaxAmount);

    public static long Bound(TimeSpan time) => Bound((long)time.TotalMilliseconds);
}
