using System.Globalization;
using System.Text.RegularExpressions;

namespace Symantec.Virtualization.InsightCache.Server;

/// <summary>Reads an amount of memory as an administrator writes it.</summary>
internal static partial class MemorySize
{
    /// <summary>Gets the bytes that are meant.</summary>
    /// <param name="text">A number with or without a unit, or a share in percent.</param>
    /// <param name="available">What a share is of: the memory of the machine, or of the container.</param>
    /// <exception cref="FormatException">It is neither.</exception>
    public static long Parse(string text, long available)
    {
        Match match = Form().Match(text);
        if (!match.Success || !decimal.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out decimal number))
        {
            throw new FormatException($"\"{text}\" is neither a size such as 512MB nor a share such as 50%.");
        }

        decimal factor = match.Groups["unit"].Value.ToUpperInvariant() switch
        {
            "%" => available / 100m,
            "KB" => 1e3m,
            "MB" => 1e6m,
            "GB" => 1e9m,
            "KIB" => 1L << 10,
            "MIB" => 1L << 20,
            "GIB" => 1L << 30,
            _ => 1,
        };
        return (long)Math.Min(number * factor, long.MaxValue / 2);
    }

    [GeneratedRegex(@"^\s*(?<number>[0-9]{1,18})\s*(?<unit>%|B|KB|MB|GB|KiB|MiB|GiB|)\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
