using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Symantec.Virtualization.ImageException;

/// <summary>ECDSA on P-256 by the primitives of Windows (bcrypt) instead of its key storage (ncrypt), which .NET goes through even for keys that are stored nowhere.</summary>
/// <remarks>
/// Wine has the primitives and not the storage, so that what is tested there is what runs on Windows. For use by one thread at a time.
/// Source: Microsoft Learn, <c>BCRYPT_ECCKEY_BLOB</c>, <c>BCryptSignHash</c>, <c>BCryptVerifySignature</c>.
/// </remarks>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WindowsEcdsa : ECDsa
{
    private const string Curve = "1.2.840.10045.3.1.7";
    private const string PublicBlob = "ECCPUBLICBLOB";
    private const string PrivateBlob = "ECCPRIVATEBLOB";
    private const uint PublicMagic = 0x31534345;
    private const uint PrivateMagic = 0x32534345;
    private const int Coordinate = 32;
    private const int BlobHeader = 8;
    private const int InvalidSignature = unchecked((int)0xC000A000);

    private nint _algorithm;
    private nint _key;
    private bool _isPrivate;

    public WindowsEcdsa()
    {
        KeySizeValue = 256;
        Require(OpenAlgorithmProvider(out _algorithm, "ECDSA_P256", null, 0));
    }

    public override KeySizes[] LegalKeySizes => [new KeySizes(256, 256, 0)];

    public override void GenerateKey(ECCurve curve)
    {
        RequireCurve(curve);
        Forget();
        Require(GenerateKeyPair(_algorithm, out _key, 256, 0));
        Require(FinalizeKeyPair(_key, 0));
        _isPrivate = true;
    }

    public override void ImportParameters(ECParameters parameters)
    {
        RequireCurve(parameters.Curve);
        if (parameters is not { Q: { X.Length: Coordinate, Y.Length: Coordinate }, D: null or { Length: Coordinate } })
        {
            throw new CryptographicException("The key lacks its public half, or its parts are not those of a key on the curve P-256.");
        }

        Forget();
        _isPrivate = parameters.D is not null;
        byte[] blob = new byte[BlobHeader + ((_isPrivate ? 3 : 2) * Coordinate)];
        BinaryPrimitives.WriteUInt32LittleEndian(blob, _isPrivate ? PrivateMagic : PublicMagic);
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(4), Coordinate);
        parameters.Q.X.CopyTo(blob, BlobHeader);
        parameters.Q.Y.CopyTo(blob, BlobHeader + Coordinate);
        parameters.D?.CopyTo(blob, BlobHeader + (2 * Coordinate));
        fixed (byte* b = blob)
        {
            Require(ImportKeyPair(_algorithm, 0, _isPrivate ? PrivateBlob : PublicBlob, out _key, b, (uint)blob.Length, 0));
        }

        CryptographicOperations.ZeroMemory(blob);
    }

    public override ECParameters ExportParameters(bool includePrivateParameters)
    {
        if (includePrivateParameters && !_isPrivate)
        {
            throw new CryptographicException("The key has no private half.");
        }

        byte[] blob = new byte[BlobHeader + ((includePrivateParameters ? 3 : 2) * Coordinate)];
        uint length;
        fixed (byte* b = blob)
        {
            Require(ExportKey(_key, 0, includePrivateParameters ? PrivateBlob : PublicBlob, b, (uint)blob.Length, &length, 0));
        }

        ECParameters parameters = new()
        {
            Curve = ECCurve.CreateFromValue(Curve),
            Q = new ECPoint { X = blob[BlobHeader..(BlobHeader + Coordinate)], Y = blob[(BlobHeader + Coordinate)..(BlobHeader + (2 * Coordinate))] },
            D = includePrivateParameters ? blob[(BlobHeader + (2 * Coordinate))..] : null,
        };
        CryptographicOperations.ZeroMemory(blob);
        return parameters;
    }

    public override ECParameters ExportExplicitParameters(bool includePrivateParameters) => throw new NotSupportedException("The curve has a name.");

    public override byte[] SignHash(byte[] hash)
    {
        byte[] signature = new byte[2 * Coordinate];
        uint length;
        fixed (byte* h = hash)
        fixed (byte* s = signature)
        {
            Require(SignHash(_key, null, h, (uint)hash.Length, s, (uint)signature.Length, &length, 0));
        }

        return signature;
    }

    public override bool VerifyHash(byte[] hash, byte[] signature)
    {
        if (signature.Length != 2 * Coordinate)
        {
            return false;
        }

        fixed (byte* h = hash)
        fixed (byte* s = signature)
        {
            int status = VerifySignature(_key, null, h, (uint)hash.Length, s, (uint)signature.Length, 0);
            if (status != InvalidSignature)
            {
                Require(status);
            }

            return status == 0;
        }
    }

    protected override void Dispose(bool disposing)
    {
        Forget();
        if (_algorithm != 0)
        {
            _ = CloseAlgorithmProvider(_algorithm, 0);
            _algorithm = 0;
        }

        base.Dispose(disposing);
    }

    private void Forget()
    {
        if (_key != 0)
        {
            _ = DestroyKey(_key);
            _key = 0;
        }
    }

    private static void RequireCurve(ECCurve curve)
    {
        if (!curve.IsNamed || (curve.Oid.Value ?? ECCurve.CreateFromFriendlyName(curve.Oid.FriendlyName!).Oid.Value) != Curve)
        {
            throw new CryptographicException("The key is not on the curve P-256.");
        }
    }

    private static void Require(int status)
    {
        if (status != 0)
        {
            throw new CryptographicException($"Windows refused it with status 0x{status:x8}.", new Win32Exception(status));
        }
    }

    [LibraryImport("bcrypt", EntryPoint = "BCryptOpenAlgorithmProvider", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int OpenAlgorithmProvider(out nint algorithm, string name, string? implementation, uint flags);

    [LibraryImport("bcrypt", EntryPoint = "BCryptCloseAlgorithmProvider")]
    private static partial int CloseAlgorithmProvider(nint algorithm, uint flags);

    [LibraryImport("bcrypt", EntryPoint = "BCryptGenerateKeyPair")]
    private static partial int GenerateKeyPair(nint algorithm, out nint key, uint bits, uint flags);

    [LibraryImport("bcrypt", EntryPoint = "BCryptFinalizeKeyPair")]
    private static partial int FinalizeKeyPair(nint key, uint flags);

    [LibraryImport("bcrypt", EntryPoint = "BCryptImportKeyPair", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int ImportKeyPair(nint algorithm, nint importKey, string kind, out nint key, byte* blob, uint length, uint flags);

    [LibraryImport("bcrypt", EntryPoint = "BCryptExportKey", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int ExportKey(nint key, nint exportKey, string kind, byte* blob, uint size, uint* length, uint flags);

    [LibraryImport("bcrypt", EntryPoint = "BCryptSignHash")]
    private static partial int SignHash(nint key, void* padding, byte* hash, uint hashLength, byte* signature, uint size, uint* length, uint flags);

    [LibraryImport("bcrypt", EntryPoint = "BCryptVerifySignature")]
    private static partial int VerifySignature(nint key, void* padding, byte* hash, uint hashLength, byte* signature, uint length, uint flags);

    [LibraryImport("bcrypt", EntryPoint = "BCryptDestroyKey")]
    private static partial int DestroyKey(nint key);
}
