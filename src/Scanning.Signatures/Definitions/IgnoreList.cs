using System.Security.Cryptography;
using System.Text;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>The signatures that are not to be used, by name: <c>.ign</c> and <c>.ign2</c> databases.</summary>
/// <remarks>Source: ClamAV's documentation, "Allow list databases". An entry may be for one form of the signature only, by the MD5 of its line.</remarks>
internal sealed class IgnoreList
{
    private const string UnofficialSuffix = ".UNOFFICIAL";

    private readonly Dictionary<string, List<byte[]?>> _entries = new(StringComparer.Ordinal);

    /// <summary>Adds a line of an <c>.ign2</c> database, <c>name[:md5]</c>, or of an <c>.ign</c> one, <c>database:line:name[:md5]</c>.</summary>
    /// <exception cref="SignatureSyntaxException">It is none.</exception>
    public void Add(ReadOnlySpan<byte> line, bool isOld)
    {
        string[] fields = Encoding.UTF8.GetString(line).Split(':');
        int name = isOld ? 2 : 0;
        if (fields.Length <= name || fields[name].Length == 0)
        {
            throw new SignatureSyntaxException("name", "it is missing");
        }

        byte[]? md5 = null;
        if (fields.Length > name + 1)
        {
            md5 = fields[name + 1].Length == 2 * MD5.HashSizeInBytes && fields[name + 1].All(char.IsAsciiHexDigit)
                ? Convert.FromHexString(fields[name + 1])
                : throw new SignatureSyntaxException("md5", $"\"{fields[name + 1]}\" is not {2 * MD5.HashSizeInBytes} hexadecimal digits");
        }

        string known = Normalize(fields[name]);
        if (!_entries.TryGetValue(known, out List<byte[]?>? forms))
        {
            _entries[known] = forms = [];
        }

        forms.Add(md5);
    }

    /// <summary>Tells whether a signature is not to be used.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="line">Its whole line.</param>
    public bool Contains(ReadOnlySpan<byte> name, ReadOnlySpan<byte> line)
    {
        if (_entries.Count == 0 || !_entries.TryGetValue(Normalize(Encoding.UTF8.GetString(name)), out List<byte[]?>? forms))
        {
            return false;
        }

        byte[] md5 = CryptographicOperations.HashData(HashAlgorithmName.MD5, line);
        return forms.Exists(form => form is null || form.AsSpan().SequenceEqual(md5));
    }

    /// <summary>Leaves out what ClamAV puts behind names when it reports them.</summary>
    private static string Normalize(string name)
    {
        if (name.EndsWith('}') && name.IndexOf(".{", StringComparison.Ordinal) is > 0 and var brace)
        {
            return name[..brace];
        }

        return name.EndsWith(UnofficialSuffix, StringComparison.Ordinal) ? name[..^UnofficialSuffix.Length] : name;
    }
}
