using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Symantec.Virtualization.Scanning.Signatures;

/// <summary>Verifies what ClamAV's publisher signs containers of definitions with.</summary>
/// <remarks>
/// The two public keys are part of ClamAV (dsig.c and readdb.c). Numbers are written in digits of 64, the least significant first. <see cref="RSA"/> is of no use:
/// it knows neither the plain exponentiation of the older signature nor the newer one's length of 2,047 bits.
/// </remarks>
internal static class PublisherKeys
{
    private const string Digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
    private const int BitsPerDigit = 6;
    private const int MaxDigits = 512;
    private const int InfoBits = 2047;
    private const int SaltSize = 32;

    private static readonly BigInteger HeaderModulus = BigInteger.Parse(
        "118640995551645342603070001658453189751527774412027743746599405743243142607464144767361060640655844749760788890022283424922762488917565551002467771109669598"
        + "189410434699034532232228621591089508178591428456220796841621637175567590476666928698770143328137383952820383197532047771780196576957695822641224262693037",
        CultureInfo.InvariantCulture);

    private static readonly BigInteger InfoModulus = BigInteger.Parse(
        "11088894983048545473659556106627194923928941791795047620591658697413581043322715912172496806525381055880964520618400224333320534660299233983755341740679502866"
        + "8299096799557343913926683783612215242053966310901051516412708572770803107343209516537005089417174191687239425078907029047027075874516216910507543078503833998"
        + "6534648720379846417853739221140278648135982446119723110289541509377039421666632448459393576240846851682663319214082666792349482204580534780993284845484588697"
        + "1706424360558667862775876072059437703365380209101697738577515476935085469455279994113145977994084618328482151013142393373316337519977244732747977",
        CultureInfo.InvariantCulture);

    /// <summary>Verifies the signature in a container's header: the MD5 of all that follows.</summary>
    /// <param name="signature">The signature.</param>
    /// <param name="md5">The MD5.</param>
    public static bool VerifyHeader(string signature, ReadOnlySpan<byte> md5) =>
        Decode(signature) is { } number && number < HeaderModulus
        && BigInteger.ModPow(number, 100001027, HeaderModulus) == new BigInteger(md5, isUnsigned: true, isBigEndian: true);

    /// <summary>Verifies the signature at the end of a container's list of members: RSA-PSS with SHA-256 over all lines before it.</summary>
    /// <param name="signature">The signature.</param>
    /// <param name="lines">The lines.</param>
    public static bool VerifyInfo(string signature, ReadOnlySpan<byte> lines)
    {
        if (Decode(signature) is not { } number || number >= InfoModulus)
        {
            return false;
        }

        Span<byte> encoded = stackalloc byte[(InfoBits + 7) / 8];
        encoded.Clear();
        BigInteger plain = BigInteger.ModPow(number, 100002049, InfoModulus);
        int size = plain.GetByteCount(isUnsigned: true);
        return plain.TryWriteBytes(encoded[(encoded.Length - size)..], out _, isUnsigned: true, isBigEndian: true) && IsPss(encoded, SHA256.HashData(lines));
    }

    /// <summary>Checks the encoding of a signed hash (RFC 8017, section 9.1.2).</summary>
    private static bool IsPss(Span<byte> encoded, ReadOnlySpan<byte> hash)
    {
        int freeBits = (8 * encoded.Length) - (InfoBits - 1);
        Span<byte> masked = encoded[..^(SHA256.HashSizeInBytes + 1)];
        ReadOnlySpan<byte> seed = encoded.Slice(masked.Length, SHA256.HashSizeInBytes);
        if (encoded[^1] != 0xBC || masked[0] >> (8 - freeBits) != 0)
        {
            return false;
        }

        Unmask(masked, seed);
        masked[0] &= (byte)(0xFF >> freeBits);
        int padding = masked.Length - SaltSize - 1;
        if (masked[..padding].ContainsAnyExcept((byte)0) || masked[padding] != 1)
        {
            return false;
        }

        Span<byte> all = stackalloc byte[8 + SHA256.HashSizeInBytes + SaltSize];
        all[..8].Clear();
        hash.CopyTo(all[8..]);
        masked[(padding + 1)..].CopyTo(all[(8 + SHA256.HashSizeInBytes)..]);
        return SHA256.HashData(all).AsSpan().SequenceEqual(seed);
    }

    private static void Unmask(Span<byte> masked, ReadOnlySpan<byte> seed)
    {
        Span<byte> input = stackalloc byte[SHA256.HashSizeInBytes + sizeof(int)];
        seed.CopyTo(input);
        Span<byte> mask = stackalloc byte[SHA256.HashSizeInBytes];
        for (int at = 0; at < masked.Length; at += mask.Length)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(input[SHA256.HashSizeInBytes..], at / mask.Length);
            SHA256.HashData(input, mask);
            for (int i = 0; i < mask.Length && at + i < masked.Length; i++)
            {
                masked[at + i] ^= mask[i];
            }
        }
    }

    private static BigInteger? Decode(string text)
    {
        BigInteger number = BigInteger.Zero;
        for (int i = 0; i < text.Length; i++)
        {
            int digit = Digits.IndexOf(text[i], StringComparison.Ordinal);
            if (digit < 0 || i == MaxDigits)
            {
                return null;
            }

            number |= new BigInteger(digit) << (i * BitsPerDigit);
        }

        return number;
    }
}
