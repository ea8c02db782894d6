using System.Security.Cryptography;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>What ClamAV's <c>.imp</c> databases know programs by: the functions that one imports.</summary>
/// <param name="Md5">The MD5 of the functions' names.</param>
/// <param name="Length">The length of the text that was hashed, which the databases state as the size.</param>
internal sealed record ImportHash(byte[] Md5, long Length)
{
    private const int DescriptorSize = 20;
    private const long HintSize = 2;
    private const int MaxNameSize = 256;
    private const int MaxImports = 1024;

    /// <summary>Computes the hash of <c>library.function</c>, in lower case and joined by commas, over all imports in order.</summary>
    /// <returns><see langword="null"/> if there is no import table or it makes no sense.</returns>
    /// <exception cref="IOException">The content cannot be read.</exception>
    public static ImportHash? Compute(ScanContent content, ExecutableLayout layout)
    {
        if (layout.Pe is not { Imports: { Address: not 0, Size: not 0 } } pe
            || pe.OffsetOf(pe.Imports.Address) is not { } table
            || table + (long)pe.Imports.Size > content.Length)
        {
            return null;
        }

        using IncrementalHash md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        long length = 0;
        byte[] descriptor = new byte[DescriptorSize];
        long left = pe.Imports.Size;
        for (int libraries = 0; left > DescriptorSize && libraries < MaxImports; libraries++)
        {
            HeaderBytes fields = new(descriptor);
            if (!HeaderBytes.TryRead(content, table + (ulong)(pe.Imports.Size - left), descriptor))
            {
                return null;
            }

            uint name = fields.U32(12);
            if (name == 0)
            {
                break;
            }

            left -= DescriptorSize;
            if (pe.OffsetOf(name) is not { } nameAt || !AddFunctions(content, pe, ReadName(content, nameAt), fields.U32(0), fields.U32(16), md5, ref length))
            {
                return null;
            }
        }

        return new ImportHash(md5.GetHashAndReset(), length);
    }

    private static bool AddFunctions(
        ScanContent content, PeDirectories pe, string library, uint lookup, uint addresses, IncrementalHash md5, ref long length)
    {
        uint? lookupAt = lookup == 0 ? null : pe.OffsetOf(lookup);
        if ((lookupAt is null or 0 ? pe.OffsetOf(addresses) : lookupAt) is not { } at)
        {
            return false;
        }

        string stem = Stem(library);
        int size = pe.IsPe32Plus ? 8 : 4;
        byte[] buffer = new byte[size];
        for (int i = 0; i < MaxImports && HeaderBytes.TryRead(content, at + (ulong)(i * size), buffer); i++)
        {
            ulong thunk = new HeaderBytes(buffer).Word(pe.IsPe32Plus, 0, 0);
            if (thunk == 0)
            {
                break;
            }

            string? function;
            if (thunk >> ((size * 8) - 1) != 0)
            {
                function = OrdinalNames.Find(library, (ushort)(thunk & 0xFFFF));
            }
            else if (pe.OffsetOf(unchecked((uint)thunk)) is { } hint)
            {
                if (hint + HintSize + MaxNameSize > content.Length)
                {
                    // ClamAV wants to read so many bytes, and leaves out names this close to the end of the file.
                    continue;
                }

                function = ReadName(content, hint + HintSize);
            }
            else if (pe.IsPe32Plus)
            {
                continue;
            }
            else
            {
                // ClamAV reads on at the beginning of the file, finds no name there and gives up.
                return false;
            }

            if (!function.All(static character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.'))
            {
                return false;
            }

            byte[] text = Encoding.Latin1.GetBytes(Lower($"{(length == 0 ? "" : ",")}{stem}.{function}"));
            md5.AppendData(text);
            length += text.Length;
        }

        return true;
    }

    private static string Stem(string library)
    {
        int dot = library.IndexOf('.', StringComparison.Ordinal);
        return dot >= 0 && library[dot..] is var extension
            && (extension.StartsWith(".ocx", StringComparison.OrdinalIgnoreCase)
                || extension.StartsWith(".sys", StringComparison.OrdinalIgnoreCase)
                || extension.StartsWith(".dll", StringComparison.OrdinalIgnoreCase))
            ? library[..dot]
            : library;
    }

    /// <summary>Only ASCII letters have a lower case here.</summary>
    private static string Lower(string text)
        => string.Concat(text.Select(static character => char.IsAsciiLetterUpper(character) ? (char)(character | 0x20) : character));

    private static string ReadName(ScanContent content, long offset)
    {
        Span<byte> name = stackalloc byte[MaxNameSize];
        name = name[..content.Read(offset, name)];
        int end = name.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? name : name[..end]);
    }
}
