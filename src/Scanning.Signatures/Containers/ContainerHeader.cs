using System.Globalization;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The first bytes of a container of definitions.</summary>
/// <remarks>Source: ClamAV's documentation, "CVD file": fields between colons, filled up with spaces.</remarks>
/// <param name="Version">The number of the publication.</param>
/// <param name="Level">The functionality level that it needs.</param>
/// <param name="Md5">The MD5 of all that follows, in hexadecimal digits.</param>
/// <param name="Signature">The publisher's signature of that.</param>
/// <param name="Published">When it was published.</param>
/// <param name="Statement">All that it says but the MD5 and the signature of it, as the signed list of members repeats it.</param>
internal sealed record ContainerHeader(long Version, int Level, string Md5, string Signature, DateTimeOffset Published, string Statement)
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 512;

    private const string Magic = "ClamAV-VDB";
    private const int Fields = 9;

    /// <summary>Reads a header.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static ContainerHeader Parse(ReadOnlySpan<byte> bytes)
    {
        string[] fields = bytes.Length < Size ? [] : Split(Encoding.Latin1.GetString(bytes[..Size]));
        if (fields.Length < Fields - 1 || fields[0] != Magic)
        {
            throw new InvalidDataException("it does not begin with the header of a container of definitions");
        }

        DateTimeOffset published = fields.Length >= Fields && long.TryParse(fields[8], NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) && seconds < 1L << 36
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : DateTimeOffset.UnixEpoch;
        return new ContainerHeader(Number(fields, 2, "version"), (int)Number(fields, 4, "functionality level"), fields[5], fields[6], published, StatementOf(fields));
    }

    /// <summary>Gets all that a header says but the MD5 and the signature, of its text.</summary>
    public static string StatementOf(string text) => StatementOf(Split(text));

    private static string StatementOf(string[] fields) => string.Join(':', fields.Where(static (_, index) => index is not (5 or 6)));

    private static string[] Split(string text) => text.TrimEnd(' ', '\0', '\n', '\r').Split(':');

    private static long Number(string[] fields, int index, string name) => int.TryParse(fields[index], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number
        : throw new InvalidDataException($"the {name} in its header is no number: \"{fields[index]}\"");
}
