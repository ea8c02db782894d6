using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Symantec.Virtualization.Scanning.Core;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Computes the digest of all that finds something: the EICAR test file, the names and the hashes of the files in their order, and the options.</summary>
internal static class DefinitionDigest
{
    public static ContentHash Of(IEnumerable<(string Name, ContentHash Hash)> files, SignatureLoadOptions options)
    {
        using IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[ContentHash.Size];
        EicarTestFile.Digest.CopyTo(number);
        digest.AppendData(number);
        foreach ((string name, ContentHash hash) in files)
        {
            byte[] text = Encoding.UTF8.GetBytes(name);
            BinaryPrimitives.WriteInt32LittleEndian(number, text.Length);
            digest.AppendData(number[..sizeof(int)]);
            digest.AppendData(text);
            hash.CopyTo(number);
            digest.AppendData(number);
        }

        digest.AppendData([options.IncludePotentiallyUnwanted ? (byte)1 : (byte)0, (byte)options.UnsignedDefinitions]);
        return new ContentHash(digest.GetHashAndReset());
    }
}
