using System.Globalization;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The list of members that a container carries, signed.</summary>
/// <param name="Members">The length and the hash of each member, by name.</param>
/// <param name="Statement">What the list repeats of the container's header.</param>
/// <param name="IsSigned">Whether the publisher's signature of the list is right.</param>
internal sealed record ContainerInfo(IReadOnlyDictionary<string, (long Length, ContentHash Hash)> Members, string Statement, bool IsSigned)
{
    /// <summary>No list is that long.</summary>
    public const int MaxSize = 1 << 20;

    private const string SignatureKey = "DSIG:";

    /// <summary>Reads the list.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static ContainerInfo Parse(ReadOnlySpan<byte> bytes)
    {
        Dictionary<string, (long, ContentHash)> members = new(StringComparer.Ordinal);
        int signatureAt = bytes.LastIndexOf("\nDSIG:"u8) + 1;
        ReadOnlySpan<byte> lines = signatureAt > 0 ? bytes[..signatureAt] : bytes;
        string signature = signatureAt > 0 ? Encoding.Latin1.GetString(bytes[(signatureAt + SignatureKey.Length)..]).TrimEnd() : "";
        string[] texts = Encoding.Latin1.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string line in texts.Skip(1))
        {
            string[] fields = line.TrimEnd('\r').Split(':');
            if (fields.Length != 3 || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out long length) || !ContentHash.TryParse(fields[2], null, out ContentHash hash))
            {
                throw new InvalidDataException("its list of members holds a line that is none");
            }

            members[fields[0]] = (length, hash);
        }

        return new ContainerInfo(members, ContainerHeader.StatementOf(texts.FirstOrDefault("")), signature.Length > 0 && PublisherKeys.VerifyInfo(signature, lines));
    }
}
